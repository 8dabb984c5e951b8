//! The mock's origins. A run takes the one on which fewest runs are, because a browser opens no more
//! than six connections to one HTTP/1.1 origin.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use crate::places::{FlawedDoors, PageAt, Placement, Places, origin};

/// The addresses, and how many runs are on each.
#[derive(Debug)]
pub(crate) struct Origins {
    addresses: Vec<SocketAddr>,
    flawed: FlawedDoors,
    runs: Mutex<Vec<usize>>,
}

/// A run's place on an origin, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Origin {
    index: usize,
    origins: Arc<Origins>,
}

impl Origins {
    /// Origins at these addresses, of which there is at least one.
    pub(crate) fn new(addresses: Vec<SocketAddr>, flawed: FlawedDoors) -> Arc<Self> {
        let runs = Mutex::new(vec![0; addresses.len()]);
        Arc::new(Self { addresses, flawed, runs })
    }

    /// The addresses.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Finds a run its places below a path, on the origin with the fewest runs that will do.
    pub(crate) fn place(self: &Arc<Self>, placement: Placement, path: String) -> (Origin, Places) {
        let Placement { page, cross_origin } = placement;
        let fixed = match &page {
            PageAt::Fixed(page) => self.addresses.iter().position(|at| origin(*at) == *page),
            PageAt::Nowhere | PageAt::Anywhere => None,
        };
        let own = self.take(|index| fixed.is_none_or(|page| (index == page) != cross_origin));
        let other = self.besides(&[Some(own.index), fixed]);
        let page = match page {
            PageAt::Nowhere => None,
            PageAt::Fixed(page) => Some(page),
            PageAt::Anywhere if cross_origin => {
                Some(origin(self.address(self.besides(&[Some(own.index), Some(other)]))))
            }
            PageAt::Anywhere => Some(origin(self.address(own.index))),
        };
        let places = self.places(own.index, other, page, path);
        (own, places)
    }

    /// The places below a path, on the origins with these numbers.
    pub(crate) fn places(
        &self,
        own: usize,
        other: usize,
        page: Option<String>,
        path: String,
    ) -> Places {
        let (own, other) = (self.address(own), self.address(other));
        Places { own, other, page, path, flawed: self.flawed }
    }

    /// The origin with the fewest runs among those that will do.
    fn take(self: &Arc<Self>, will_do: impl Fn(usize) -> bool) -> Origin {
        let mut index = 0;
        if let Ok(mut runs) = self.runs.lock() {
            let candidates = runs.iter_mut().enumerate().filter(|(index, _)| will_do(*index));
            if let Some((at, count)) = candidates.min_by_key(|(_, count)| **count) {
                index = at;
                *count += 1;
            }
        }
        Origin { index, origins: Arc::clone(self) }
    }

    /// The first origin that is none of these.
    pub(crate) fn besides(&self, taken: &[Option<usize>]) -> usize {
        let free = (0..self.addresses.len()).find(|index| !taken.contains(&Some(*index)));
        free.unwrap_or_default()
    }

    /// The address of the nth origin.
    pub(crate) fn address(&self, index: usize) -> SocketAddr {
        self.addresses.get(index).copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        if let Ok(mut runs) = self.origins.runs.lock()
            && let Some(count) = runs.get_mut(self.index)
        {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Arc<Origins> {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let flawed = FlawedDoors { untrusted: at(4), misnamed: at(5), expired: at(6) };
        Origins::new((1..=3).map(at).collect(), flawed)
    }

    fn place(origins: &Arc<Origins>, page: PageAt, cross_origin: bool) -> (Origin, Places) {
        origins.place(Placement { page, cross_origin }, "/c/x".to_owned())
    }

    #[test]
    fn runs_are_spread_and_origins_are_free_again() {
        let origins = origins();
        let port = |taken: &(Origin, Places)| taken.1.own.port();
        let first = place(&origins, PageAt::Nowhere, false);
        let second = place(&origins, PageAt::Nowhere, false);
        let third = place(&origins, PageAt::Anywhere, false);
        assert_eq!([port(&first), port(&second), port(&third)], [1, 2, 3]);
        drop(second);
        assert_eq!(port(&place(&origins, PageAt::Nowhere, true)), 2);
    }

    #[test]
    fn a_page_has_the_origin_that_the_case_wants() {
        let origins = origins();
        let at = |port: u16| origin(SocketAddr::from(([127, 0, 0, 1], port)));
        for page in [PageAt::Anywhere, PageAt::Fixed(at(2))] {
            let (_own, same) = place(&origins, page.clone(), false);
            assert_eq!(same.page, Some(origin(same.own)), "{page:?}");
            assert_ne!(same.own, same.other);
            let (_own, cross) = place(&origins, page.clone(), true);
            let all = [cross.page.clone(), Some(origin(cross.own)), Some(origin(cross.other))];
            let apart: std::collections::HashSet<_> = all.iter().collect();
            assert_eq!(apart.len(), 3, "{page:?}: {all:?}");
        }
        let (_own, places) = place(&origins, PageAt::Fixed("http://page.test".to_owned()), false);
        assert_eq!(places.page.as_deref(), Some("http://page.test"));
    }
}
