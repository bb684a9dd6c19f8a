//! Geolocation: the smallest place on the client's own ladder (4.5).

use super::choice::{Choice, first_healthy};

/// Rungs from narrow to wide: subdivision, country, continent, default; `None` where no member serves the place.
pub(crate) type Ladder = [Option<u32>; 4];

/// A place's width, from narrow to wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rung {
    Subdivision,
    Country,
    Continent,
    Default,
}

/// The rungs as a ladder has them.
pub(crate) const RUNGS: [Rung; 4] = [Rung::Subdivision, Rung::Country, Rung::Continent, Rung::Default];

/// Why this member: the rung that it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Why {
    pub(crate) rung: Rung,
}

/// Picks the first healthy rung, else the narrowest (4.5.3, 10.5); `None` when no member serves the client (4.5.4).
pub(crate) fn choose(ladder: &Ladder, is_healthy: impl FnMut(u32) -> bool) -> Option<Choice<Why>> {
    let choice = first_healthy(ladder.iter().copied().flatten(), is_healthy)?;
    let on_rung = |(member, _): &(&Option<u32>, &Rung)| **member == Some(choice.member);
    let rung = ladder.iter().zip(&RUNGS).find(on_rung).map_or(Rung::Default, |(_, rung)| *rung);
    Some(choice.because(|_| Why { rung }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ladder_counts() {
        let ladder = [None, Some(4), Some(2), Some(7)];
        let on = |rung| Why { rung };
        let choice = |member, fail_open, rung| Some(Choice { member, fail_open, why: on(rung) });
        assert_eq!(choose(&ladder, |_| true), choice(4, false, Rung::Country));
        assert_eq!(choose(&ladder, |member| member != 4), choice(2, false, Rung::Continent));
        assert_eq!(choose(&ladder, |member| member == 7), choice(7, false, Rung::Default));
        assert_eq!(choose(&ladder, |member| member == 9), choice(4, true, Rung::Country));
        assert_eq!(choose(&[None; 4], |_| true), None);
    }
}
