/// The date so many days after 1970-01-01, by the Gregorian calendar, as `YYYY-MM-DD`: years are counted from
/// March, so that the leap day is their last. Written like this, dates compare as texts do.
pub fn date_of(days: u64) -> String {
    let shifted = days.saturating_add(719_468);
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// How many days after 1970-01-01 a date is; what no calendar has counts on into the next month. `None` before that
/// day, and for months there are not.
pub fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::{date_of, days_of};

    #[test]
    fn counts_leap_years() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (19_782, "2024-02-29"),
            (20_454, "2026-01-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date_of(days), expected);
            let part = |range: std::ops::Range<usize>| expected[range].parse().expect("a number");
            assert_eq!(days_of(part(0..4), part(5..7), part(8..10)), Some(days));
        }
        assert_eq!(days_of(1969, 12, 31), None);
        assert_eq!(days_of(2026, 13, 1), None);
    }
}
