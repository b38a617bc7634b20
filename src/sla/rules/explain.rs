//! Why a deadline is when it is: everything from a beginning to an end, cut into what the clock did.

use super::open_hours::{DAY, OpenHours, SECOND};
use super::working_time::{Open, Part, parts};
use crate::Timestamp;
use crate::sla::{Segment, SegmentKind, Span};

impl OpenHours {
    /// The segments from `from` up to `to`, in order, without gaps. A pause is one whatever the hours were.
    pub fn explain(&self, from: Timestamp, to: Timestamp, pauses: &[Span]) -> Vec<Segment> {
        let (begin, end) = (from.as_microsecond(), to.as_microsecond());
        let mut segments = Segments { made: Vec::new(), end };
        let pauses = parts(pauses);
        let mut at = begin;
        for (open, close) in Open::after(self, begin).take_while(|(open, _)| *open < end) {
            self.shut(&mut segments, (at, open));
            segments.push(SegmentKind::Work, open, close);
            at = close;
        }
        self.shut(&mut segments, (at, end));
        segments.paused(&pauses)
    }

    /// Closed time, day by day of the calendar's own clocks, as a holiday or not.
    fn shut(&self, segments: &mut Segments, (from, to): Part) {
        let to = to.min(segments.end);
        let mut at = from;
        while at < to {
            let stretch = self.stretch_at(at);
            let day = (at.div_euclid(SECOND) + stretch.offset).div_euclid(DAY);
            let midnight = ((day + 1) * DAY - stretch.offset) * SECOND;
            let next = midnight.min(stretch.to).min(to);
            let kind = if self.is_holiday(day) { SegmentKind::Holiday } else { SegmentKind::Closed };
            segments.push(kind, at, next);
            at = next;
        }
    }
}

struct Segments {
    made: Vec<(SegmentKind, Part)>,
    end: i64,
}

impl Segments {
    /// Adds a part; one that continues the last makes it longer.
    fn push(&mut self, kind: SegmentKind, from: i64, to: i64) {
        let to = to.min(self.end);
        if from >= to {
            return;
        }
        match self.made.last_mut() {
            Some((last, part)) if *last == kind && part.1 == from => part.1 = to,
            _ => self.made.push((kind, (from, to))),
        }
    }

    /// Lays the pauses over everything.
    fn paused(self, pauses: &[Part]) -> Vec<Segment> {
        let mut over = Segments { made: Vec::new(), end: self.end };
        for (kind, (from, to)) in self.made {
            let mut at = from;
            for &(stop, resume) in pauses.iter().filter(|(stop, resume)| *stop < to && *resume > from) {
                over.push(kind, at, stop.max(at));
                over.push(SegmentKind::Pause, stop.max(at), resume.min(to));
                at = resume.min(to).max(at);
            }
            over.push(kind, at, to);
        }
        let segment = |(kind, (from, to)): (SegmentKind, Part)| {
            Some(Segment { kind, from: Timestamp::from_microsecond(from)?, to: Timestamp::from_microsecond(to)? })
        };
        over.made.into_iter().filter_map(segment).collect()
    }
}
