-- Reports: what each ticket comes to, and the sums of each day. Kept by a job; all of it can be made anew.
CREATE TABLE report_tickets (
  -- No reference: what was counted stays counted when a ticket's time is over and it is removed.
  ticket_id          uuid PRIMARY KEY,
  -- Days of the desk's time zone.
  created_on         date NOT NULL,
  solved_on          date,
  queue_id           uuid,
  assigned_to_id     uuid,
  organisation_id    uuid,
  sla_policy_id      uuid,
  category           text,
  source             text NOT NULL,
  priority           text NOT NULL,
  -- Working time where a policy runs, by the clock where none does.
  response_minutes   integer,
  response_in_time   boolean,
  resolution_minutes integer,
  resolution_in_time boolean,
  -- It was done once, and was not.
  reopened           boolean NOT NULL
);
CREATE INDEX report_tickets_created_on_idx ON report_tickets (created_on);
CREATE INDEX report_tickets_solved_on_idx ON report_tickets (solved_on);

-- A ticket counts on the day it was made, with its first answer, and on the day it was solved, with its resolution; each
-- time once for all, and once for each thing that reports are broken down by.
CREATE VIEW report_parts AS
SELECT p.day, d.dimension, d.value, p.created, p.solved, p.reopened, p.response, p.response_in_time, p.resolution, p.resolution_in_time
FROM (
  SELECT created_on AS day, 1 AS created, 0 AS solved, 0 AS reopened, response_minutes AS response, response_in_time,
    NULL::integer AS resolution, NULL::boolean AS resolution_in_time,
    queue_id, assigned_to_id, organisation_id, sla_policy_id, category, source, priority
  FROM report_tickets
  UNION ALL
  SELECT solved_on, 0, 1, reopened::integer, NULL, NULL, resolution_minutes, resolution_in_time,
    queue_id, assigned_to_id, organisation_id, sla_policy_id, category, source, priority
  FROM report_tickets WHERE solved_on IS NOT NULL) p
CROSS JOIN LATERAL (VALUES
  ('ALL', ''), ('QUEUE', coalesce(p.queue_id::text, '')), ('ASSIGNEE', coalesce(p.assigned_to_id::text, '')),
  ('ORGANISATION', coalesce(p.organisation_id::text, '')), ('POLICY', coalesce(p.sla_policy_id::text, '')),
  ('CATEGORY', coalesce(p.category, '')), ('SOURCE', p.source), ('PRIORITY', p.priority)) AS d (dimension, value);

CREATE TABLE report_days (
  dimension           text NOT NULL,
  day                 date NOT NULL,
  value               text NOT NULL,
  created             integer NOT NULL,
  solved              integer NOT NULL,
  reopened            integer NOT NULL,
  responses_in_time   integer NOT NULL,
  responses_late      integer NOT NULL,
  resolutions_in_time integer NOT NULL,
  resolutions_late    integer NOT NULL,
  PRIMARY KEY (dimension, day, value)
);
CREATE INDEX report_days_day_idx ON report_days (day);

-- How many took how long: a class is a twentieth longer than the one before it, so that any share of a year is found by
-- adding a few hundred numbers.
CREATE TABLE report_times (
  dimension text NOT NULL,
  day       date NOT NULL,
  measure   text NOT NULL CHECK (measure IN ('RESPONSE','RESOLUTION')),
  value     text NOT NULL,
  class     smallint NOT NULL,
  tickets   integer NOT NULL,
  PRIMARY KEY (dimension, day, measure, value, class)
);
CREATE INDEX report_times_day_idx ON report_times (day);

-- The same for whole months, so that a year is a dozen of them and the days at its ends.
CREATE TABLE report_month_times (
  dimension text NOT NULL,
  -- Its first day.
  month     date NOT NULL,
  measure   text NOT NULL CHECK (measure IN ('RESPONSE','RESOLUTION')),
  value     text NOT NULL,
  class     smallint NOT NULL,
  tickets   integer NOT NULL,
  PRIMARY KEY (dimension, month, measure, value, class)
);
CREATE INDEX report_month_times_month_idx ON report_month_times (month);

-- Days whose sums are to be made anew.
CREATE TABLE report_stale_days (
  day date PRIMARY KEY
);

CREATE TABLE report_state (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- Every transaction that had begun before then is counted; none is without it.
  read_until   timestamptz,
  time_zone    text NOT NULL DEFAULT 'UTC',
  rolled_up_at timestamptz
);
INSERT INTO report_state DEFAULT VALUES;
