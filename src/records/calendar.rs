//! The proleptic Gregorian calendar (ISO 8601): days counted from 1970-01-01, and back.
//!
//! Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms": years that begin in March, in eras
//! of 400 years.

/// Year, month and day of the day `days` after 1970-01-01.
pub fn civil(days: i64) -> (i64, u64, u64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097).unsigned_abs();
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era.cast_signed() + era * 400 + i64::from(month <= 2), month, day)
}

/// Days from 1970-01-01 to a day of the calendar; the way back.
pub fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// How many days a month of 1 to 12 has.
pub const fn length_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_found_again() {
        for day in (-719_528..2_932_897).step_by(13).chain(-3..3) {
            let (year, month, of_month) = civil(day);
            let (month, of_month) = (month.cast_signed(), of_month.cast_signed());
            assert!((1..=12).contains(&month) && (1..=length_of(year, month)).contains(&of_month), "{day}");
            assert_eq!(days_to(year, month, of_month), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
    }
}
