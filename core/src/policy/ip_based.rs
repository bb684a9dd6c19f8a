//! IP-based: the location of the longest block that contains the client's network (4.7).

use super::choice::{Choice, first_healthy};

/// Why this member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its block is the longest in the pool that contains the client.
    Block,
    /// The default, because no block contains the client.
    NoBlock,
    /// The default, because every member whose block contains the client is unhealthy.
    NoHealthyBlock,
}

/// Picks the first healthy member, from the longest block to the default, else the longest (10.9); `None` without
/// candidates.
pub(crate) fn choose(
    long_to_short: impl Iterator<Item = u32> + Clone,
    default: Option<u32>,
    is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<Why>> {
    let choice = first_healthy(long_to_short.chain(default), is_healthy)?;
    Some(choice.because(|before| match before {
        _ if default != Some(choice.member) => Why::Block,
        0 => Why::NoBlock,
        _ => Why::NoHealthyBlock,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_then_wider_then_default() {
        let blocks = || [3, 1].into_iter();
        let choice = |member, fail_open, why| Some(Choice { member, fail_open, why });
        assert_eq!(choose(blocks(), Some(9), |_| true), choice(3, false, Why::Block));
        assert_eq!(choose(blocks(), Some(9), |member| member == 9), choice(9, false, Why::NoHealthyBlock));
        assert_eq!(choose(blocks(), Some(9), |_| false), choice(3, true, Why::Block));
        assert_eq!(choose(core::iter::empty(), Some(9), |_| true), choice(9, false, Why::NoBlock));
        assert_eq!(choose(core::iter::empty(), Some(9), |_| false), choice(9, true, Why::NoBlock));
        assert_eq!(choose(core::iter::empty(), None, |_| true), None);
    }
}
