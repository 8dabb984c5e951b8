//! The order of callbacks: each carries its number, and may come before those that it follows.

use std::collections::BTreeMap;

/// Most callbacks that are held back for want of one before them.
const MAX_HELD: usize = 10_000;

/// Puts what is numbered from 1 in order.
#[derive(Debug)]
pub(super) struct Order<T> {
    /// The number that is due.
    next: u64,
    held: BTreeMap<u64, T>,
}

/// Why a number cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OrderError {
    /// It was there before.
    Repeated(u64),
    /// Too many are held back for want of this one.
    Missing(u64),
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        Self { next: 1, held: BTreeMap::new() }
    }
}

impl<T> Order<T> {
    /// Takes one; gives all that are due now. A first number of 0 is let pass: services that count
    /// from there work elsewhere.
    pub(super) fn take(&mut self, number: u64, item: T) -> Result<Vec<T>, OrderError> {
        if number == 0 && self.next == 1 && self.held.is_empty() {
            return Ok(vec![item]);
        }
        if number < self.next || self.held.contains_key(&number) {
            return Err(OrderError::Repeated(number));
        }
        self.held.insert(number, item);
        if self.held.len() > MAX_HELD {
            return Err(OrderError::Missing(self.next));
        }
        let mut due = Vec::new();
        while let Some(item) = self.held.remove(&self.next) {
            due.push(item);
            self.next += 1;
        }
        Ok(due)
    }

    /// The number that others wait for, and the first of them.
    pub(super) fn gap(&self) -> Option<(u64, u64)> {
        let (first, _) = self.held.first_key_value()?;
        Some((self.next, *first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_early_is_held_back() {
        let mut order = Order::default();
        assert_eq!(order.take(3, 'c'), Ok(vec![]));
        assert_eq!(order.take(2, 'b'), Ok(vec![]));
        assert_eq!(order.gap(), Some((1, 2)));
        assert_eq!(order.take(1, 'a'), Ok(vec!['a', 'b', 'c']));
        assert_eq!(order.gap(), None);
        assert_eq!(order.take(4, 'd'), Ok(vec!['d']));
    }

    #[test]
    fn a_number_comes_once() {
        let mut order = Order::default();
        assert_eq!(order.take(1, 'a'), Ok(vec!['a']));
        assert_eq!(order.take(1, 'a'), Err(OrderError::Repeated(1)));
        assert_eq!(order.take(3, 'c'), Ok(vec![]));
        assert_eq!(order.take(3, 'c'), Err(OrderError::Repeated(3)));
        assert_eq!(order.take(0, 'z'), Err(OrderError::Repeated(0)));
    }

    #[test]
    fn counting_from_zero_is_let_pass() {
        let mut order = Order::default();
        assert_eq!(order.take(0, 'a'), Ok(vec!['a']));
        assert_eq!(order.take(1, 'b'), Ok(vec!['b']));
    }
}
