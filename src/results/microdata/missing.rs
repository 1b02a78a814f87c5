//! Why a value is missing, and as which number that is written.
//!
//! Survey programs use −7, −8 and −9, and where an answer can be one of these −97, −98 and −99, or −997 and so
//! on (the convention of the large household panels): a column takes the first three that are below all that
//! can be answered in it.

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// "Don't know" was chosen.
    DontKnow,
    /// Asked, and left open.
    NotAnswered,
    /// The route did not lead there, or the version did not ask it.
    NotAsked,
}

impl Missing {
    pub const ALL: [Missing; 3] = [Missing::DontKnow, Missing::NotAnswered, Missing::NotAsked];

    /// What it is called in files.
    pub fn label(self) -> &'static str {
        match self {
            Missing::DontKnow => "don't know",
            Missing::NotAnswered => "asked, not answered",
            Missing::NotAsked => "not asked",
        }
    }

    /// Its code in a column whose values are never below `least`.
    pub fn code(self, least: f64) -> i64 {
        let last = match self {
            Missing::DontKnow => 3,
            Missing::NotAnswered => 2,
            Missing::NotAsked => 1,
        };
        // Beyond these an answer is no whole number that a double holds exactly.
        let tens = (1..=15).map(|digits| 10_i64.pow(digits));
        let fits = |tens: &i64| ((3 - tens) as f64) < least;
        last - { tens }.find(fits).unwrap_or(10_i64.pow(15))
    }

    /// All codes of such a column, with their labels.
    pub fn codes(least: f64) -> [(i64, &'static str); 3] {
        Missing::ALL.map(|missing| (missing.code(least), missing.label()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_never_an_answer() {
        let codes = |least: f64| Missing::codes(least).map(|(code, _)| code);
        assert_eq!(codes(0.0), [-7, -8, -9]);
        assert_eq!(codes(-6.5), [-7, -8, -9]);
        assert_eq!(codes(-7.0), [-97, -98, -99]);
        assert_eq!(codes(-96.0), [-97, -98, -99]);
        assert_eq!(codes(-97.0), [-997, -998, -999]);
        assert_eq!(codes(-1e9), [-9_999_999_997, -9_999_999_998, -9_999_999_999]);
    }
}
