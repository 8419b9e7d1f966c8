//! Figures, and how they are told.

use serde::Serialize;

/// A figure: the median of what was counted, with the least and the most.
#[derive(Clone, Debug, Serialize)]
struct Figure {
    area: &'static str,
    name: &'static str,
    value: f64,
    unit: &'static str,
    n: usize,
    min: f64,
    max: f64,
}

/// Tells figures as they are measured: a table an area, or a line of JSON each.
#[derive(Debug)]
pub(crate) struct Report {
    json: bool,
    area: &'static str,
    table: Vec<Figure>,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, area: "", table: Vec::new() }
    }

    pub(crate) fn begin(&mut self, area: &'static str) {
        self.area = area;
    }

    /// The median of `samples`; nothing if there are none.
    pub(crate) fn median(&mut self, name: &'static str, unit: &'static str, samples: &[f64]) {
        self.quantile((name, unit), samples, 50);
    }

    /// The value that `percent` of `samples` do not exceed; nothing if there are none.
    pub(crate) fn quantile(
        &mut self,
        (name, unit): (&'static str, &'static str),
        samples: &[f64],
        percent: usize,
    ) {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let place = (n * percent).div_ceil(100).saturating_sub(1);
        let (Some(value), Some(min), Some(max)) =
            (sorted.get(place), sorted.first(), sorted.last())
        else {
            return;
        };
        let [value, min, max] = [*value, *min, *max].map(rounded);
        self.tell(Figure { area: self.area, name, value, unit, n, min, max });
    }

    /// Says why a figure is not there.
    pub(crate) fn absent(&self, name: &str, why: &str) {
        eprintln!("absent: {} {name}: {why}", self.area);
    }

    /// Prints the table of the area.
    pub(crate) fn end(&mut self) {
        if self.table.is_empty() {
            return;
        }
        println!(
            "{:<12} {:<22} {:>12} {:<8} {:>4} {:>12} {:>12}",
            "AREA", "NAME", "VALUE", "UNIT", "N", "MIN", "MAX"
        );
        for Figure { area, name, value, unit, n, min, max } in self.table.drain(..) {
            println!("{area:<12} {name:<22} {value:>12} {unit:<8} {n:>4} {min:>12} {max:>12}");
        }
    }

    fn tell(&mut self, figure: Figure) {
        if !self.json {
            self.table.push(figure);
            return;
        }
        match serde_json::to_string(&figure) {
            Ok(line) => println!("{line}"),
            Err(error) => eprintln!("{} has no JSON: {error}", figure.name),
        }
    }
}

/// Three decimals below a hundred, none above ten thousand: what a clock can tell, and no more.
fn rounded(value: f64) -> f64 {
    let scale = match value.abs() {
        0.0..100.0 => 1_000.0,
        100.0..10_000.0 => 10.0,
        _ => 1.0,
    };
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(samples: &[f64], percent: usize) -> Figure {
        let mut report = Report::new(false);
        report.quantile(("name", "ms"), samples, percent);
        report.table.pop().unwrap()
    }

    #[test]
    fn median_of_five_is_the_third() {
        let figure = told(&[5.0, 1.0, 4.0, 2.0, 3.0], 50);

        assert_eq!((figure.value.to_bits(), figure.n), (3.0_f64.to_bits(), 5));
        assert_eq!(
            (figure.min.to_bits(), figure.max.to_bits()),
            (1.0_f64.to_bits(), 5.0_f64.to_bits())
        );
    }

    #[test]
    fn ninety_ninth_of_two_hundred_leaves_two_above() {
        let samples: Vec<f64> = (1..=200_u32).map(f64::from).collect();

        assert_eq!(told(&samples, 99).value.to_bits(), 198.0_f64.to_bits());
    }

    #[test]
    fn nothing_measured_is_nothing_told() {
        let mut report = Report::new(false);

        report.median("name", "ms", &[]);

        assert!(report.table.is_empty());
    }
}
