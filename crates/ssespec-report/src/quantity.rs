//! Quantities with their units, for people.

use std::fmt;

/// A time in microseconds, in the unit that fits: `12 µs`, `3.40 ms`, `1.05 s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Microseconds(pub f64);

impl fmt::Display for Microseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0;
        if us < 1000.0 {
            f.pad(&format!("{us:.0} µs"))
        } else if us < 10_000.0 {
            f.pad(&format!("{:.2} ms", us / 1e3))
        } else if us < 1e6 {
            f.pad(&format!("{:.1} ms", us / 1e3))
        } else {
            f.pad(&format!("{:.2} s", us / 1e6))
        }
    }
}

/// The word for several: clients, servers, proxies.
pub fn plural(noun: &str) -> String {
    noun.strip_suffix('y').map_or_else(|| format!("{noun}s"), |stem| format!("{stem}ies"))
}

/// A number of bytes, in the unit that fits: `512 B`, `9 MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        if bytes < 1024.0 {
            write!(f, "{} B", self.0)
        } else if bytes < 1_048_576.0 {
            write!(f, "{:.0} KiB", bytes / 1024.0)
        } else if bytes < 1_073_741_824.0 {
            write!(f, "{:.0} MiB", bytes / 1_048_576.0)
        } else {
            write!(f, "{:.1} GiB", bytes / 1_073_741_824.0)
        }
    }
}

/// A count with a comma between its thousands: `12,345`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut out = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        f.pad(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_the_unit_that_fits() {
        assert_eq!(Microseconds(12.0).to_string(), "12 µs");
        assert_eq!(Microseconds(3_400.0).to_string(), "3.40 ms");
        assert_eq!(Microseconds(1_050_000.0).to_string(), "1.05 s");
        assert_eq!(Bytes(5 << 20).to_string(), "5 MiB");
        assert_eq!(Count(1_234_567).to_string(), "1,234,567");
        assert_eq!(format!("{:>5}", Count(12)), "   12");
    }
}
