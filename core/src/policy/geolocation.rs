//! Geolocation: the smallest place on the client's own ladder (4.5).

use super::{Choice, first_healthy};

/// Rungs from narrow to wide: subdivision, country, continent, default; `None` where no member serves the place.
pub(crate) type Ladder = [Option<u32>; 4];

/// Picks the first healthy rung, else the narrowest (4.5.3, 10.5); `None` when no member serves the client (4.5.4).
pub(crate) fn choose(ladder: &Ladder, is_healthy: impl FnMut(u32) -> bool) -> Option<Choice> {
    first_healthy(ladder.iter().copied().flatten(), is_healthy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ladder_counts() {
        let ladder = [None, Some(4), Some(2), Some(7)];
        assert_eq!(choose(&ladder, |_| true).unwrap().member, 4);
        assert_eq!(choose(&ladder, |member| member != 4).unwrap().member, 2);
        assert_eq!(choose(&ladder, |member| member == 9), Some(Choice { member: 4, fail_open: true }));
        assert_eq!(choose(&[None; 4], |_| true), None);
    }
}
