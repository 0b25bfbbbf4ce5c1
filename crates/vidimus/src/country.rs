//! ISO 3166-1 alpha-2, the 249 officially assigned codes (as they have been since `SS` was added in 2011), and what is easily taken for one.
//!
//! The codes are free to use; the table is short and rarely changes, so it is pinned here. Whether a territory with a code
//! of its own belongs to another country is never assumed: that is what a rule says.

mod parts;

pub use parts::{Level, is_whole, level, own_code};

/// The officially assigned codes.
const CODES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT \
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Is `code` an officially assigned code?
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && CODES.split(' ').any(|known| known == code)
}

/// Does `code` say which country is meant? The assigned codes, and `XK`, which everybody uses for Kosovo and nobody assigned. Other
/// user-assigned codes (`AA`, `QM` to `QZ`, `XA` to `XZ`, `ZZ`) mean "unknown" or nothing; reserved and withdrawn ones (`UK`, `EL`, `EU`,
/// `SU`, `YU`, …) mean no country of today.
#[must_use]
pub fn is_known(code: &str) -> bool {
    code == "XK" || is_country(code)
}

/// The code that is probably meant by one that is often written instead.
#[must_use]
pub fn instead_of(code: &str) -> Option<&'static str> {
    const MEANT: [(&str, &str); 6] =
        [("BU", "MM"), ("EL", "GR"), ("FX", "FR"), ("TP", "TL"), ("UK", "GB"), ("ZR", "CD")];
    MEANT.into_iter().find(|(wrong, _)| *wrong == code).map(|(_, right)| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let all: Vec<&str> = CODES.split(' ').collect();
        assert_eq!(all.len(), 249);
        assert!(all.is_sorted() && all.iter().all(|c| is_country(c)));
        for wrong in ["no", "UK", "EU", "XX", "NOR", "N", "", "AD AE"] {
            assert!(!is_country(wrong), "{wrong}");
        }
    }

    #[test]
    fn traps() {
        for unknown in [
            "UK", "EL", "EU", "EZ", "UN", "SU", "AC", "TA", "DG", "EA", "IC", "FX", "CP", "AA", "QM", "QZ", "XA", "XX",
            "XZ", "XG", "XI", "ZZ", "AN", "CS", "DD", "TP", "YU", "ZR", "BU", "Se", "ＳＥ",
        ] {
            assert!(!is_known(unknown), "{unknown}");
        }
        // Each has a code of its own and belongs to nobody unless a rule says so.
        for own in ["HK", "MO", "TW", "PR", "GU", "GG", "JE", "IM", "GI", "GF", "AX", "SJ", "XK"] {
            assert!(is_known(own), "{own}");
        }
        assert_eq!(instead_of("UK"), Some("GB"));
        assert_eq!(instead_of("GB"), None);
    }
}
