//! The subjects that attempts share, and the turns on them. A subject is started anew when it dies.

use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};

use crate::attempt::Turn;
use crate::instance::{Death, Instance};
use crate::plan::Planned;
use crate::punctuality::pauses;
use crate::subject::Starter;

/// Most subjects that may die while cases run side by side.
const MAX_DEATHS: u32 = 12;
/// How many cases that measure time run side by side.
const MEASURING: usize = 8;

/// One or two subjects. Of two, the first has the cases that wait and that measure time, the second
/// those that keep it busy, and both have the others.
#[derive(Debug)]
pub(crate) struct Seats<'s> {
    starter: &'s Starter<'s>,
    first: Seat,
    second: Option<Seat>,
    deaths: AtomicU32,
}

#[derive(Debug)]
struct Seat {
    instance: Mutex<Option<Arc<Instance>>>,
    /// Given in the order of asking.
    turns: Arc<Semaphore>,
    jobs: usize,
}

impl Seat {
    fn new(instance: Option<Instance>, jobs: usize) -> Self {
        let turns = Arc::new(Semaphore::new(jobs));
        Self { instance: Mutex::new(instance.map(Arc::new)), turns, jobs }
    }

    /// Waits for so many of its turns.
    async fn turn(&self, places: usize) -> Option<Turn> {
        let places = u32::try_from(places).unwrap_or(1);
        Arc::clone(&self.turns).acquire_many_owned(places).await.ok()
    }

    /// How many turns a case takes: all when it keeps the subject busy, and some when it measures
    /// time.
    fn places(&self, planned: &Planned) -> usize {
        match (planned.is_bulk(), planned.measures()) {
            (true, _) => self.jobs,
            (false, true) => self.jobs.div_ceil(MEASURING),
            (false, false) => 1,
        }
    }
}

impl<'s> Seats<'s> {
    /// Seats for so many cases that begin with this subject; with a second one where it may be
    /// started twice, and where more cases wait for their turn than may run.
    pub(crate) fn new(
        starter: &'s Starter<'s>,
        first: Instance,
        jobs: usize,
        cases: usize,
    ) -> Self {
        let is_several = jobs > 1 && cases > jobs && starter.subject.is_cheap();
        let each = if is_several { jobs.div_ceil(2) } else { jobs.max(1) };
        Self {
            first: Seat::new(Some(first), each),
            second: is_several.then(|| Seat::new(None, each)),
            ..Self::one(starter, jobs)
        }
    }

    /// One seat, whose subject is started when it is needed.
    pub(crate) fn one(starter: &'s Starter<'s>, jobs: usize) -> Self {
        let first = Seat::new(None, jobs.max(1));
        Self { starter, first, second: None, deaths: AtomicU32::new(0) }
    }

    /// Whether there is more than one.
    pub(crate) fn are_several(&self) -> bool {
        self.second.is_some()
    }

    /// In which order attempts ask for their turns. Bulk comes first. On one subject no other stream
    /// waits yet then, and those that measure time come last, when the machine is quiet. Beside a
    /// second one that has the bulk, those that wait long come next, then the others that wait, on a
    /// subject that fails them too, and then those that measure. Of the same kind, those with the
    /// longest pauses come first.
    pub(crate) fn order(&self, planned: &Planned) -> impl Ord + use<> {
        let (bulk, measures) = (planned.is_bulk(), planned.measures());
        let waits = planned.waits() && !measures && !bulk;
        // The silence at the end of a stream that is closed is as long as the subject takes to come
        // back.
        let waits_long = (waits && planned.is_open()) || !planned.case.has_sentinel();
        let kinds = if self.are_several() {
            [bulk, waits_long, waits || planned.case.prompt, measures]
        } else {
            [bulk, !measures, true, true]
        };
        let paused: Duration = pauses(&planned.case).sum();
        (kinds.map(Reverse), Reverse(paused))
    }

    /// A subject that does nothing yet: that of the only seat before the first turn, or one beside
    /// the seats, where they do not wait for it.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn idle(&self) -> Result<Arc<Instance>, Death> {
        if self.are_several() {
            self.starter.start().await.map(Arc::new)
        } else {
            self.instance(&self.first).await
        }
    }

    /// A turn for a case, with the subject to run it on.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn take(&self, planned: &Planned) -> Result<(Arc<Instance>, Turn), Death> {
        let (seat, turn) = self.turn(planned).await;
        let Some(turn) = turn else {
            return Err(Death { message: "the run is over".to_owned(), help: String::new() });
        };
        Ok((self.instance(seat).await?, turn))
    }

    async fn turn(&self, planned: &Planned) -> (&Seat, Option<Turn>) {
        let first = &self.first;
        let Some(second) = &self.second else {
            return (first, first.turn(first.places(planned)).await);
        };
        if planned.is_bulk() {
            return (second, second.turn(second.places(planned)).await);
        }
        if planned.measures() || planned.waits() {
            return (first, first.turn(first.places(planned)).await);
        }
        tokio::select! {
            biased;
            turn = first.turn(1) => (first, turn),
            turn = second.turn(1) => (second, turn),
        }
    }

    async fn instance(&self, seat: &Seat) -> Result<Arc<Instance>, Death> {
        let mut shared = seat.instance.lock().await;
        if let Some(instance) = shared.as_ref() {
            let Some(death) = instance.death() else {
                return Ok(Arc::clone(instance));
            };
            if self.deaths.fetch_add(1, Ordering::AcqRel) >= MAX_DEATHS {
                return Err(death);
            }
        }
        let instance = Arc::new(self.starter.start().await?);
        *shared = Some(Arc::clone(&instance));
        Ok(instance)
    }

    /// Ends them.
    pub(crate) async fn shut_down(&self) {
        for seat in std::iter::once(&self.first).chain(&self.second) {
            if let Some(instance) = seat.instance.lock().await.take() {
                instance.shut_down().await;
            }
        }
    }
}
