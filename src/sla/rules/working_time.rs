//! Counting over open hours, forwards and backwards. Pauses are stretches in which the clock stands still.

use super::open_hours::{DAY, OpenHours, SECOND, Stretch};
use crate::Timestamp;
use crate::sla::Span;

/// What is not reached in so many days is not reached: 120 years.
const DAYS_MAX: i64 = 120 * 366;

/// From and to, in microseconds since 1970.
pub(super) type Part = (i64, i64);

impl OpenHours {
    /// The instant at which `work` seconds are done, when they begin at `start`; `start` itself for none. It is the
    /// earliest such instant: the end of a shift, not the beginning of the next. `None` where that is beyond 120 years.
    pub fn add(&self, start: Timestamp, work: i64, pauses: &[Span]) -> Option<Timestamp> {
        if work <= 0 {
            return Some(start);
        }
        let start = start.as_microsecond();
        let mut left = work.checked_mul(SECOND)?;
        let pauses = parts(pauses);
        for open in Open::after(self, start) {
            for (from, to) in without(open, &pauses) {
                if to - from >= left {
                    return Timestamp::from_microsecond(from + left);
                }
                left -= to - from;
            }
        }
        None
    }

    /// The instant from which `work` seconds are left until `end`: the latest one. `end` itself for none.
    pub fn subtract(&self, end: Timestamp, work: i64, pauses: &[Span]) -> Option<Timestamp> {
        if work <= 0 {
            return Some(end);
        }
        let end = end.as_microsecond();
        let mut left = work.checked_mul(SECOND)?;
        let pauses = parts(pauses);
        for open in Open::before(self, end) {
            for (from, to) in without(open, &pauses).into_iter().rev() {
                if to - from >= left {
                    return Timestamp::from_microsecond(to - left);
                }
                left -= to - from;
            }
        }
        None
    }

    /// Working microseconds from `from` up to `to`; none when `to` is earlier.
    pub fn between(&self, from: Timestamp, to: Timestamp, pauses: &[Span]) -> i64 {
        let (from, to) = (from.as_microsecond(), to.as_microsecond());
        let pauses = parts(pauses);
        let open = Open::after(self, from).take_while(|(begin, _)| *begin < to);
        open.flat_map(|(begin, end)| without((begin, end.min(to)), &pauses)).map(|(begin, end)| end - begin).sum()
    }

    /// When the desk opens next; `at` itself while it is open. `None` where that is beyond 120 years.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        Open::after(self, at.as_microsecond()).next().and_then(|(from, _)| Timestamp::from_microsecond(from))
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        self.next_opening(at) == Some(at)
    }

    /// What is open in a day of its own clocks, within a stretch of them, in order.
    fn open_in(&self, day: i64, stretch: Stretch) -> Vec<Part> {
        let instant = |second: i64| (day * DAY + second - stretch.offset) * SECOND;
        let within = |(from, to): (i64, i64)| (instant(from).max(stretch.from), instant(to).min(stretch.to));
        self.on(day).iter().copied().map(within).filter(|(from, to)| from < to).collect()
    }
}

/// The open stretches after an instant, or before one, in the order in which they are met. Two may touch.
pub(super) struct Open<'a> {
    hours: &'a OpenHours,
    /// Nothing beyond it is asked for.
    edge: i64,
    backwards: bool,
    stretch: Stretch,
    day: i64,
    days: i64,
    found: std::vec::IntoIter<Part>,
}

impl<'a> Open<'a> {
    pub fn after(hours: &'a OpenHours, edge: i64) -> Self {
        Self::from(hours, edge, edge, false)
    }

    fn before(hours: &'a OpenHours, edge: i64) -> Self {
        // The instant itself is not before it.
        Self::from(hours, edge, edge - 1, true)
    }

    fn from(hours: &'a OpenHours, edge: i64, first: i64, backwards: bool) -> Self {
        let stretch = hours.stretch_at(first);
        let mut open = Self { hours, edge, backwards, stretch, day: 0, days: 0, found: Vec::new().into_iter() };
        open.enter(first);
        open
    }

    /// The day that the clocks of the stretch show at an instant in it.
    fn enter(&mut self, at: i64) {
        self.day = (at.div_euclid(SECOND) + self.stretch.offset).div_euclid(DAY);
        self.look();
    }

    fn look(&mut self) {
        let mut found = self.hours.open_in(self.day, self.stretch);
        if self.backwards {
            found.reverse();
        }
        self.found = found.into_iter();
    }

    /// The next day, in this stretch or the next one; `false` at the end of what is known.
    fn step(&mut self) -> bool {
        self.days += 1;
        if self.days > DAYS_MAX {
            return false;
        }
        let midnight = |day: i64, offset: i64| (day * DAY - offset) * SECOND;
        let Stretch { from, to, offset } = self.stretch;
        if self.backwards {
            if midnight(self.day, offset) > from {
                self.day -= 1;
                self.look();
            } else {
                self.stretch = self.hours.stretch_at(from - 1);
                self.enter(from - 1);
            }
        } else if midnight(self.day + 1, offset) < to {
            self.day += 1;
            self.look();
        } else {
            self.stretch = self.hours.stretch_at(to);
            self.enter(to);
        }
        true
    }
}

impl Iterator for Open<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        loop {
            for (from, to) in self.found.by_ref() {
                let part = if self.backwards { (from, to.min(self.edge)) } else { (from.max(self.edge), to) };
                if part.0 < part.1 {
                    return Some(part);
                }
            }
            if !self.step() {
                return None;
            }
        }
    }
}

/// In order, what touches or overlaps as one. A pause that ends before it begins is none.
pub(super) fn parts(pauses: &[Span]) -> Vec<Part> {
    let mut parts: Vec<Part> =
        pauses.iter().map(|pause| (pause.from.as_microsecond(), pause.to.as_microsecond())).collect();
    parts.retain(|(from, to)| from < to);
    parts.sort_unstable();
    parts.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1;
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
    parts
}

/// What of an open stretch no pause covers.
fn without((from, to): Part, pauses: &[Part]) -> Vec<Part> {
    let mut left = Vec::with_capacity(1);
    let mut begin = from;
    let first = pauses.partition_point(|(_, end)| *end <= from);
    for &(stop, resume) in pauses[first..].iter().take_while(|(stop, _)| *stop < to) {
        if stop > begin {
            left.push((begin, stop));
        }
        begin = begin.max(resume);
    }
    if begin < to {
        left.push((begin, to));
    }
    left
}
