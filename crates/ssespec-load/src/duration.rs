//! Times and rates as people write them.

use std::time::Duration;

/// Reads a time with its unit.
///
/// # Errors
/// When it is none.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time; write it with its unit, as `200ms` or `1.5s`");
    let span: jiff::SignedDuration = text.trim().parse().map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| wrong())
}

/// Reads a time that is longer than nothing, in nanoseconds.
pub(crate) fn parse_ns(text: &str) -> Result<u64, String> {
    match nanoseconds(parse(text)?) {
        0 => Err(format!("`{text}` is no time at all")),
        ns => Ok(ns),
    }
}

/// A time in nanoseconds, or as many as can be told.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Reads a rate such as `100/s`, `2.5/s` or `30/m`, in thousandths a second.
pub(crate) fn parse_rate(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no rate; write it as `100/s`, `30/m` or `10/h`");
    let (count, unit) = text.trim().split_once('/').ok_or_else(wrong)?;
    let unit_s = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let count: f64 = count.parse().map_err(|_| wrong())?;
    let milli = (count / unit_s * 1000.0).round();
    if !(0.0..=1e12).contains(&milli) || (milli < 1.0 && count != 0.0) {
        return Err(wrong());
    }
    // Within the bounds above, so it is written without an exponent.
    format!("{milli:.0}").parse().map_err(|_| wrong())
}

/// A rate in thousandths a second, as [`parse_rate`] reads it.
pub(crate) fn rate(milli: u64) -> String {
    format!("{}/s", milli as f64 / 1000.0)
}

/// A time in nanoseconds, for people.
pub(crate) fn time(ns: u64) -> String {
    format!("{}s", ns as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_units() {
        assert_eq!(parse_rate("100/s"), Ok(100_000));
        assert_eq!(parse_rate("2.5/s"), Ok(2500));
        assert_eq!(parse_rate("30/m"), Ok(500));
        assert_eq!(parse_rate("0/s"), Ok(0));
        for wrong in ["100", "x/s", "-1/s", "1/d", "1e99/s", "0.1/h"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
        assert_eq!(rate(2500), "2.5/s");
        assert!(parse_ns("0s").is_err());
        assert_eq!(time(1_500_000_000), "1.5s");
    }
}
