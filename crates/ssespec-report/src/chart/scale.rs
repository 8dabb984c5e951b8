//! From values to places on an axis, and the values that are marked on it.

/// How values are laid out between the two ends of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Evenly, from 0 to this.
    Linear(f64),
    /// By their logarithm, between these two; both above 0.
    Log(f64, f64),
    /// Quantiles from 0 up, by how many nines they have: each mark is ten times rarer than the last.
    /// Up to one in so many.
    Nines(f64),
}

impl Scale {
    /// A linear scale that holds this value, with an even number at its end.
    pub(crate) fn linear(max: f64) -> Self {
        let max = if max > 0.0 { max } else { 1.0 };
        let step = step(max);
        Self::Linear((max / step - 1e-9).ceil() * step)
    }

    /// A logarithmic scale over these values, from one power of ten to another. What is below a unit
    /// stands at the unit.
    pub(crate) fn log(min: f64, max: f64) -> Self {
        let low = min.max(1.0).log10().floor();
        let high = max.max(1.0).log10().ceil().max(low + 1.0);
        Self::Log(10f64.powf(low), 10f64.powf(high))
    }

    /// Where a value is, from 0 to 1.
    pub(crate) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear(max) => value / max,
            Self::Log(min, max) => (value.max(min) / min).log10() / (max / min).log10(),
            Self::Nines(rarest) => -(1.0 - value).max(1.0 / rarest).log10() / rarest.log10(),
        };
        place.clamp(0.0, 1.0)
    }

    /// The values that are marked.
    pub(crate) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear(max) => {
                let step = step(max);
                (0..=10).map(|n| f64::from(n) * step).filter(|it| *it <= max * 1.001).collect()
            }
            Self::Log(min, max) => {
                let decades = (max / min).log10().round();
                let parts: &[f64] = if decades <= 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
                let mut ticks = Vec::new();
                let mut decade = min;
                while decade <= max * 1.001 {
                    ticks
                        .extend(parts.iter().map(|it| it * decade).filter(|it| *it <= max * 1.001));
                    decade *= 10.0;
                }
                ticks
            }
            Self::Nines(rarest) => {
                let nines = (1..=9).map(|n| 1.0 - 10f64.powi(-n));
                let shown = nines.filter(|it| 1.0 / (1.0 - it) <= rarest * 1.001);
                std::iter::once(0.5).chain(shown).collect()
            }
        }
    }
}

/// A step of 1, 2 or 5 times a power of ten that goes into this four to ten times.
fn step(max: f64) -> f64 {
    let power = 10f64.powf(max.log10().floor());
    let lead = max / power;
    power
        * match lead {
            _ if lead <= 1.0 => 0.2,
            _ if lead <= 2.0 => 0.5,
            _ if lead <= 5.0 => 1.0,
            _ => 2.0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn a_linear_scale_ends_at_an_even_number() {
        for (max, end) in [(200.0, 200.0), (201.0, 300.0), (4021.0, 5000.0), (0.0, 1.0), (7.0, 8.0)]
        {
            assert_eq!(Scale::linear(max), Scale::Linear(end), "{max}");
        }
        assert_eq!(Scale::Linear(200.0).ticks(), [0.0, 50.0, 100.0, 150.0, 200.0]);
    }

    #[test]
    fn each_decade_takes_the_same_room() {
        let scale = Scale::log(350.0, 1_010_000.0);
        assert_eq!(scale, Scale::Log(100.0, 10_000_000.0));
        assert!(near(scale.place(100.0), 0.0) && near(scale.place(1000.0), 0.2));
        assert!(near(scale.place(0.0), 0.0));
        assert_eq!(scale.ticks().len(), 6);
        assert_eq!(Scale::log(1000.0, 9000.0).ticks(), [1000.0, 2000.0, 5000.0, 10_000.0]);
    }

    #[test]
    fn each_nine_takes_the_same_room() {
        let scale = Scale::Nines(10_000.0);
        assert!(near(scale.place(0.9), 0.25) && near(scale.place(0.99), 0.5));
        assert!(near(scale.place(1.0), 1.0) && near(scale.place(0.0), 0.0));
        let ticks: Vec<String> = scale.ticks().iter().map(|it| format!("{it:.4}")).collect();
        assert_eq!(ticks, ["0.5000", "0.9000", "0.9900", "0.9990", "0.9999"]);
    }
}
