//! One helper that opens the app for a test and speaks HTTP to it.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use leptos::config::LeptosOptions;
use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::people::{NewToken, commands};
use oxdesk::testing;
use serde_json::Value;
use server::host::{AppState, router};
use server::live::Live;
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub struct TestApp {
    pub desk: Desk,
    pub router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub async fn app() -> TestApp {
    node(testing::desk().await).await
}

/// A node on an existing desk.
pub async fn node(desk: Desk) -> TestApp {
    open(desk, false).await
}

/// As it is behind TLS.
pub async fn behind_tls() -> TestApp {
    open(testing::desk().await, true).await
}

async fn open(desk: Desk, secure_cookies: bool) -> TestApp {
    let live = Live::start(desk.db.clone(), CancellationToken::new()).await.unwrap();
    let leptos = LeptosOptions::builder().output_name("oxdesk").site_root("target/site").build();
    let state =
        AppState { desk: desk.clone(), live, leptos, rate_limits: Default::default(), secure_cookies, gallery: true };
    TestApp { desk, router: router(state) }
}

impl TestApp {
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A visitor with a role, signed in through the door that people use. `None` is a stranger.
    pub async fn visitor(&self, role: Option<&str>) -> Visitor<'_> {
        let Some(role) = role else { return Visitor { app: self, cookie: None, actor: None } };
        let name = role.to_lowercase();
        let actor = testing::person(&self.desk, &name, role).await;
        let form = format!("email={name}%40example.com&password={}", testing::PASSWORD.replace(' ', "+"));
        let request = Request::post("/fn/sign_in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        let answer = self.send(request).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("oxdesk="), "{} {}", answer.status, answer.body);
        Visitor { app: self, cookie: Some(cookie), actor: Some(actor) }
    }

    /// An API token of a person.
    pub async fn token(&self, actor: &Actor) -> String {
        commands::create_token(&self.desk, actor, &NewToken::named("test")).await.unwrap()
    }

    /// A REST call.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }
}

/// A browser without scripts.
pub struct Visitor<'a> {
    pub app: &'a TestApp,
    pub cookie: Option<String>,
    pub actor: Option<Actor>,
}

impl Visitor<'_> {
    fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::ACCEPT, "text/html");
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// A server function as the page's script calls it.
    pub async fn function(&self, name: &str, form: &str) -> Answer {
        let mut request = Request::post(format!("/fn/{name}")).header(header::ACCEPT, "application/json");
        request = request.header(
            header::CONTENT_TYPE,
            if form.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" },
        );
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.app.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// A form as a browser without scripts sends it.
    pub async fn form(&self, path: &str, form: &str) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.app.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// A form with fields and files (name, content), sent from the page `from`.
    pub async fn multipart(&self, path: &str, from: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(
                format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
            );
        }
        for (name, content) in files {
            body.extend_from_slice(format!("--xyz\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xyz--\r\n");
        let request = self
            .request(Method::POST, path)
            .header(header::REFERER, format!("http://desk.test{from}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz");
        self.app.send(request.body(Body::from(body)).unwrap()).await
    }
}
