//! Every door and how it answers each role: a stranger, REQUESTER, END_USER, AGENT, IT_MANAGER, ADMIN.

use http::Method;
use serde_json::json;

/// The id of nothing.
pub const NOTHING: &str = "01a20447-622c-7c22-b43e-6aeafcc25b41";

/// Pages: path, then the status for a stranger, REQUESTER, END_USER, AGENT, IT_MANAGER, ADMIN. `{n}` is a ticket of
/// someone else. 302 is the way to sign in.
pub const PAGES: [(&str, [u16; 6]); 21] = [
    ("/", [303, 303, 303, 303, 303, 303]),
    ("/login", [200, 200, 200, 200, 200, 200]),
    ("/register", [200, 200, 200, 200, 200, 200]),
    ("/verify/x", [200, 200, 200, 200, 200, 200]),
    ("/forgot", [200, 200, 200, 200, 200, 200]),
    ("/reset/x", [200, 200, 200, 200, 200, 200]),
    ("/portal", [200, 200, 200, 200, 200, 200]),
    ("/portal/new", [200, 200, 200, 200, 200, 200]),
    ("/portal/thanks", [200, 200, 200, 200, 200, 200]),
    ("/portal/requests", [302, 200, 200, 200, 200, 200]),
    ("/portal/requests/{n}", [302, 404, 404, 200, 200, 200]),
    ("/portal/account", [302, 200, 200, 200, 200, 200]),
    ("/tickets", [302, 403, 403, 200, 200, 200]),
    ("/tickets/new", [302, 403, 403, 200, 200, 200]),
    ("/tickets/{n}", [302, 403, 403, 200, 200, 200]),
    ("/macros", [302, 403, 403, 200, 200, 200]),
    ("/account", [302, 403, 403, 200, 200, 200]),
    ("/admin", [302, 403, 403, 200, 200, 200]),
    ("/admin/outbox", [302, 403, 403, 403, 403, 200]),
    ("/ui", [200, 200, 200, 200, 200, 200]),
    ("/no-such-page", [404, 404, 404, 404, 404, 404]),
];

/// Server functions: name, body, and the same six. `{id}` and `{n}` are a ticket of someone else,
/// `{u}` is the id of nothing.
pub const FUNCTIONS: [(&str, &str, [u16; 6]); 43] = [
    ("my_sessions", "", [401, 200, 200, 200, 200, 200]),
    ("end_session", "id=01a20447-622c-7c22-b43e-6aeafcc25b41", [401, 404, 404, 404, 404, 404]),
    ("outbox", "", [401, 403, 403, 403, 403, 200]),
    ("list_tickets", r#"{"filter":{},"after":null}"#, [401, 200, 200, 200, 200, 200]),
    ("read_rail", "", [401, 403, 403, 200, 200, 200]),
    ("save_view", "name=Late&bar=is%3Aoverdue&sort=due&audience=SHARED", [401, 403, 403, 403, 200, 200]),
    ("delete_view", "id=01a20447-622c-7c22-b43e-6aeafcc25b41", [401, 403, 403, 404, 404, 404]),
    ("read_ticket", "number={n}", [401, 404, 404, 200, 200, 200]),
    ("ticket_choices", "", [401, 403, 403, 200, 200, 200]),
    (
        "update_ticket",
        "id={id}&version=99&status=NEW&priority=LOW&assigned_to_id=&queue_id=",
        [401, 403, 403, 409, 409, 409],
    ),
    ("create_ticket", "subject=x&description=y&requester_email=a%40b.c", [401, 200, 200, 200, 200, 200]),
    ("register", "name=&email=&password=", [422, 422, 422, 422, 422, 422]),
    ("verify_email", "token=x", [422, 422, 422, 422, 422, 422]),
    ("request_password_reset", "email=nobody%40example.com", [200, 200, 200, 200, 200, 429]),
    ("reset_password", "token=x&password=long+enough+password", [422, 422, 422, 422, 422, 422]),
    ("link_tickets", "id={id}&link_type=RELATED&ticket={n}", [401, 422, 422, 422, 422, 422]),
    ("unlink_tickets", "id={id}&link={u}", [401, 403, 403, 404, 404, 404]),
    ("merge_tickets", "id={id}&into={n}", [401, 422, 422, 422, 422, 422]),
    ("unmerge_ticket", "id={id}", [401, 403, 403, 422, 422, 422]),
    ("split_ticket", "id={id}&comment={u}&subject=x", [401, 403, 403, 404, 404, 404]),
    ("add_watcher", "id={id}&user_id={u}", [401, 403, 403, 422, 422, 422]),
    ("remove_watcher", "id={id}&user_id={u}", [401, 403, 403, 200, 200, 200]),
    ("add_cc", "id={id}&email=a%40b.c", [401, 403, 403, 200, 200, 200]),
    ("remove_cc", "id={id}&email=a%40b.c", [401, 403, 403, 200, 200, 200]),
    ("add_checklist_items", "id={id}&text=x", [401, 403, 403, 200, 200, 200]),
    ("tick_checklist_item", "id={id}&item={u}&done=true", [401, 403, 403, 404, 404, 404]),
    ("remove_checklist_item", "id={id}&item={u}", [401, 403, 403, 404, 404, 404]),
    ("add_time_entry", "id={id}&time=5", [401, 403, 403, 200, 200, 200]),
    ("remove_time_entry", "id={id}&entry={u}", [401, 403, 403, 404, 404, 404]),
    ("put_off", "id={id}&version=99&until=tomorrow", [401, 403, 403, 409, 409, 409]),
    ("delete_ticket", "id={id}&reason=", [401, 403, 403, 403, 422, 422]),
    ("restore_ticket", "id={id}", [401, 403, 403, 403, 404, 404]),
    ("change_own_status", "id={id}&status=CLOSED", [401, 404, 404, 403, 403, 403]),
    ("save_draft", "id={id}&is_internal=false&body=&version=0", [401, 404, 404, 200, 200, 200]),
    ("update_tickets", "ids[]={u}&priority=LOW", [401, 403, 403, 200, 200, 200]),
    ("list_macros", "", [401, 403, 403, 200, 200, 200]),
    ("save_macro", "name=Hi&body=Hello&is_shared=yes", [401, 403, 403, 403, 200, 200]),
    ("apply_macro", "id={id}&use_macro={u}", [401, 403, 403, 404, 404, 404]),
    ("delete_macro", "id={u}", [401, 403, 403, 404, 404, 404]),
    ("preview_markdown", "text=x", [401, 200, 200, 200, 200, 200]),
    ("suggest_tags", "beginning=v", [401, 403, 403, 200, 200, 200]),
    ("sign_in", "email=x%40y.z&password=x", [422, 422, 422, 422, 422, 422]),
    // Last: it ends the visitor's session.
    ("sign_out", "", [200, 200, 200, 200, 200, 200]),
];

/// REST: method, path, body, and the answers for no token and the five roles' tokens.
pub fn rest() -> Vec<(Method, &'static str, Option<serde_json::Value>, [u16; 6])> {
    let ticket = json!({ "subject": "x", "description": "y" });
    vec![
        (Method::GET, "/api/v1/tickets", None, [401, 200, 200, 200, 200, 200]),
        (Method::POST, "/api/v1/tickets", Some(ticket), [401, 201, 201, 201, 201, 201]),
        (Method::GET, "/api/v1/tickets/{id}", None, [401, 404, 404, 200, 200, 200]),
        (Method::PATCH, "/api/v1/tickets/{id}", Some(json!({ "priority": "HIGH" })), [401, 404, 404, 428, 428, 428]),
        (Method::GET, "/api/v1/tickets/{id}/comments", None, [401, 404, 404, 200, 200, 200]),
        (
            Method::POST,
            "/api/v1/tickets/{id}/comments",
            Some(json!({ "comment": "x", "is_internal": true })),
            [401, 403, 403, 201, 201, 201],
        ),
        (Method::GET, "/api/v1/tickets/{id}/attachments", None, [401, 404, 404, 200, 200, 200]),
        (Method::POST, "/api/v1/tickets/{id}/attachments", None, [401, 404, 404, 400, 400, 400]),
        (Method::GET, "/api/v1/attachments/{id}", None, [401, 404, 404, 404, 404, 404]),
        (Method::GET, "/api/v1/users", None, [401, 403, 403, 200, 200, 200]),
        (
            Method::POST,
            "/api/v1/users",
            Some(json!({ "email": "nobody", "name": "x", "role": "AGENT" })),
            [401, 422, 422, 422, 422, 422],
        ),
        (Method::GET, "/api/v1/users/me", None, [401, 200, 200, 200, 200, 200]),
        (Method::GET, "/api/v1/users/{id}", None, [401, 403, 403, 404, 404, 404]),
        (Method::DELETE, "/api/v1/tickets/{id}", None, [401, 400, 400, 400, 400, 400]),
        (Method::POST, "/api/v1/tickets/{id}/restore", None, [401, 403, 403, 403, 404, 404]),
        (Method::GET, "/api/v1/tickets/{id}/links", None, [401, 404, 404, 200, 200, 200]),
        (
            Method::POST,
            "/api/v1/tickets/{id}/links",
            Some(json!({ "link_type": "BLOCKS", "ticket": "TKT-1999-0001" })),
            [401, 422, 422, 422, 422, 422],
        ),
        (Method::DELETE, "/api/v1/tickets/{id}/links/{link_id}", None, [401, 403, 403, 404, 404, 404]),
        (
            Method::POST,
            "/api/v1/tickets/{id}/merge",
            Some(json!({ "into": "TKT-1999-0001" })),
            [401, 422, 422, 422, 422, 422],
        ),
        (Method::POST, "/api/v1/tickets/{id}/unmerge", None, [401, 403, 403, 422, 422, 422]),
        (
            Method::POST,
            "/api/v1/tickets/{id}/split",
            Some(json!({ "comment_id": NOTHING, "subject": "x" })),
            [401, 403, 403, 404, 404, 404],
        ),
        (Method::GET, "/api/v1/tickets/{id}/watchers", None, [401, 404, 404, 200, 200, 200]),
        (Method::PUT, "/api/v1/tickets/{id}/watchers/{user_id}", None, [401, 403, 403, 422, 422, 422]),
        (Method::DELETE, "/api/v1/tickets/{id}/watchers/{user_id}", None, [401, 403, 403, 204, 204, 204]),
        (Method::PUT, "/api/v1/tickets/{id}/ccs/{email}", None, [401, 403, 403, 204, 204, 204]),
        (Method::DELETE, "/api/v1/tickets/{id}/ccs/{email}", None, [401, 403, 403, 204, 204, 204]),
        (Method::GET, "/api/v1/tickets/{id}/checklist", None, [401, 404, 404, 200, 200, 200]),
        (Method::POST, "/api/v1/tickets/{id}/checklist", Some(json!({ "text": "x" })), [401, 403, 403, 201, 201, 201]),
        (
            Method::PATCH,
            "/api/v1/tickets/{id}/checklist/{item_id}",
            Some(json!({ "done": true })),
            [401, 403, 403, 404, 404, 404],
        ),
        (Method::DELETE, "/api/v1/tickets/{id}/checklist/{item_id}", None, [401, 403, 403, 404, 404, 404]),
        (Method::GET, "/api/v1/tickets/{id}/time-entries", None, [401, 404, 404, 200, 200, 200]),
        (
            Method::POST,
            "/api/v1/tickets/{id}/time-entries",
            Some(json!({ "minutes": 5 })),
            [401, 403, 403, 201, 201, 201],
        ),
        (Method::DELETE, "/api/v1/tickets/{id}/time-entries/{entry_id}", None, [401, 403, 403, 404, 404, 404]),
        (Method::GET, "/api/v1/tags", None, [401, 403, 403, 200, 200, 200]),
        (Method::GET, "/api/v1/reports/time", None, [401, 400, 400, 400, 400, 400]),
    ]
}
