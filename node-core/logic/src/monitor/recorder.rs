//! The series of one node: seconds of the last quarter of an hour, and each minute in short.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, VecDeque},
};

use serde::{Deserialize, Serialize};

use super::{Histogram, Kind, Metric, Minute, MinuteOf, Point, Subject, minute::quantile};

/// What was measured of a subject in one second.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Of what.
    pub subject: Subject,
    /// The values; what could not be measured is left out.
    pub values: Vec<(Metric, f32)>,
    /// Times in which messages were answered since the last sample, in nanoseconds.
    pub latency: Option<Histogram>,
}

/// What to read of series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The first second, since the Unix epoch.
    pub from: u64,
    /// Seconds that one point is of; one that holds minutes begins with a minute.
    pub step: u32,
    /// How many points.
    pub count: u32,
    /// Of which metrics.
    pub metrics: Vec<Metric>,
}

/// Series of one subject, as they were read: of each metric a point for each step, or none where
/// nothing was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesOf {
    /// Of what.
    pub subject: Subject,
    /// The series, in the order asked for.
    pub series: Vec<(Metric, Vec<Option<Point>>)>,
}

/// The series that a node keeps in memory.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    of: BTreeMap<Subject, Kept>,
    /// The second recorded last.
    last: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    values: BTreeMap<Metric, Live>,
    /// Times of ten seconds each, under the first of them.
    latency: VecDeque<(u64, Histogram)>,
}

/// One value each second; not a number where there is none, which takes half the room of an option.
#[derive(Clone, Debug, Default)]
struct Live {
    first: u64,
    values: VecDeque<f32>,
}

impl Recorder {
    /// Seconds that are kept one by one: fifteen minutes.
    pub const LIVE_SECONDS: u64 = 900;
    /// Seconds whose times of answers share a histogram.
    pub const LATENCY_SECONDS: u64 = 10;

    /// Keeps what was measured in a second, and gives the minute that is over, if one is. A second
    /// that is not after the last is left out: the clock was set back.
    pub fn record(&mut self, second: u64, samples: Vec<Sample>) -> Option<Minute> {
        if let Some(last) = self.last.filter(|last| second <= *last) {
            // Set back by more than is kept: begins anew.
            if last - second > Self::LIVE_SECONDS {
                *self = Self::default();
            } else {
                return None;
            }
        }
        let over = self.last.replace(second).filter(|last| minute(*last) < minute(second));
        let over = over.map(|last| self.minute(minute(last)));
        for sample in samples {
            let kept = self.of.entry(sample.subject).or_default();
            for (metric, value) in sample.values {
                kept.values.entry(metric).or_default().push(second, value);
            }
            if let Some(latency) = sample.latency {
                kept.note_latency(second, &latency);
            }
        }
        let oldest = second.saturating_sub(Self::LIVE_SECONDS - 1);
        self.of.retain(|_, kept| kept.forget(oldest));
        over
    }

    /// Whose series are kept.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.of.keys()
    }

    /// The second recorded last, since the Unix epoch.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.last
    }

    /// The last value of a metric, if it was measured in the second recorded last.
    #[must_use]
    pub fn latest(&self, subject: &Subject, metric: Metric) -> Option<f32> {
        self.of.get(subject)?.values.get(&metric)?.at(self.last?)
    }

    /// Reads seconds of the last quarter of an hour.
    #[must_use]
    pub fn read(&self, subject: &Subject, read: &Read) -> Option<SeriesOf> {
        let kept = self.of.get(subject)?;
        let spans = || spans(read);
        let series = read.metrics.iter().map(|metric| {
            let point = |(from, to): (u64, u64)| match metric.kind() {
                Kind::Value => kept.values.get(metric)?.across(from, to),
                Kind::Quantile(parts) => quantile(&kept.latency(from, to)?, parts),
            };
            (*metric, spans().map(point).collect())
        });
        Some(SeriesOf { subject: subject.clone(), series: series.collect() })
    }

    fn minute(&self, at: u64) -> Minute {
        let (from, to) = (at * MinuteOf::SECONDS, (at + 1) * MinuteOf::SECONDS);
        let of = self.of.iter().filter_map(|(subject, kept)| {
            let points = kept.values.iter();
            let points =
                points.filter_map(|(metric, live)| Some((*metric, live.across(from, to)?)));
            let points: Vec<_> = points.collect();
            let latency = kept.latency(from, to);
            (!points.is_empty() || latency.is_some())
                .then(|| MinuteOf::new(subject.clone(), points, latency))
        });
        Minute { at, of: of.collect() }
    }
}

impl Read {
    /// Reads what a day's minutes tell of a subject; the minutes are in order.
    #[must_use]
    pub fn from_minutes(&self, subject: &Subject, minutes: &[Minute]) -> Option<SeriesOf> {
        let of = |minute: &Minute| -> Option<(u64, MinuteOf)> {
            let found = minute.of.iter().find(|of| of.subject == *subject)?;
            Some((minute.at * MinuteOf::SECONDS, found.clone()))
        };
        let kept: Vec<(u64, MinuteOf)> = minutes.iter().filter_map(of).collect();
        if kept.is_empty() {
            return None;
        }
        let series = self.metrics.iter().map(|metric| {
            let point = |(from, to): (u64, u64)| {
                let of = kept.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, of)| of);
                match metric.kind() {
                    Kind::Value => Point::across(of.filter_map(|of| of.point(*metric))),
                    Kind::Quantile(parts) => {
                        quantile(&merged(of.filter_map(|of| of.latency.as_ref()))?, parts)
                    }
                }
            };
            (*metric, spans(self).map(point).collect())
        });
        Some(SeriesOf { subject: subject.clone(), series: series.collect() })
    }

    /// The second after the last that is asked for.
    #[must_use]
    pub fn until(&self) -> u64 {
        self.from.saturating_add(u64::from(self.step) * u64::from(self.count))
    }
}

impl Kept {
    fn note_latency(&mut self, second: u64, latency: &Histogram) {
        let at = second - second % Recorder::LATENCY_SECONDS;
        match self.latency.back_mut() {
            Some((held, histogram)) if *held == at => histogram.merge(latency),
            Some(_) | None => self.latency.push_back((at, latency.clone())),
        }
    }

    fn latency(&self, from: u64, to: u64) -> Option<Histogram> {
        let within = self.latency.iter().filter(|(at, _)| (from..to).contains(at));
        merged(within.map(|(_, histogram)| histogram))
    }

    /// Forgets what is older than `oldest`; whether anything is left.
    fn forget(&mut self, oldest: u64) -> bool {
        while self.latency.front().is_some_and(|(at, _)| *at < oldest) {
            self.latency.pop_front();
        }
        self.values.retain(|_, live| live.forget(oldest));
        !self.values.is_empty() || !self.latency.is_empty()
    }
}

impl Live {
    fn push(&mut self, second: u64, value: f32) {
        if self.values.is_empty() {
            self.first = second;
        }
        let next = self.first + self.values.len() as u64;
        if second - next < Recorder::LIVE_SECONDS {
            self.values.extend((next..second).map(|_| f32::NAN));
        } else {
            self.values.clear();
            self.first = second;
        }
        self.values.push_back(value);
    }

    fn forget(&mut self, oldest: u64) -> bool {
        while self.first < oldest && self.values.pop_front().is_some() {
            self.first += 1;
        }
        !self.values.is_empty()
    }

    fn at(&self, second: u64) -> Option<f32> {
        let place = usize::try_from(second.checked_sub(self.first)?).ok()?;
        self.values.get(place).copied().filter(|value| !value.is_nan())
    }

    fn across(&self, from: u64, to: u64) -> Option<Point> {
        let last = self.first + self.values.len() as u64;
        let seconds = from.max(self.first)..to.min(last);
        Point::across(seconds.filter_map(|second| self.at(second)).map(Point::of))
    }
}

fn spans(read: &Read) -> impl Iterator<Item = (u64, u64)> {
    let (from, step) = (read.from, u64::from(read.step.max(1)));
    (0..u64::from(read.count)).map(move |place| {
        let begin = from.saturating_add(place * step);
        (begin, begin.saturating_add(step))
    })
}

fn merged(histograms: impl IntoIterator<Item = impl Borrow<Histogram>>) -> Option<Histogram> {
    let mut histograms = histograms.into_iter();
    let mut all = histograms.next()?.borrow().clone();
    histograms.for_each(|next| all.merge(next.borrow()));
    Some(all)
}

fn minute(second: u64) -> u64 {
    second / MinuteOf::SECONDS
}
