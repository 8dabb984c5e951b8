//! The live view of a load run on a terminal.

mod terminal;
mod view;

use std::io;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ssespec_load::{Interrupter, Progress, Workload};

use self::terminal::Screen;
use self::view::View;

/// How often keys are looked for.
const TURN: Duration = Duration::from_millis(100);

/// A live view that is shown. The terminal is restored when it is dropped.
pub(crate) struct Live {
    view: Arc<Mutex<View>>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it is none that can be drawn on.
    pub(crate) fn start(workload: &Workload, interrupter: Interrupter) -> io::Result<Self> {
        let view = Arc::new(Mutex::new(View::of(workload)));
        let mut screen = Screen::take()?;
        let (stop, stopped) = channel::<()>();
        let shared = Arc::clone(&view);
        let thread = std::thread::Builder::new().spawn(move || {
            loop {
                heed(&shared, &interrupter);
                let seen = shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // A terminal that cannot be drawn on any more does not end the run.
                let _ = screen.draw(|frame| view::render(&seen, frame.area(), frame.buffer_mut()));
                match stopped.recv_timeout(Duration::ZERO) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?;
        Ok(Self { view, stop: Some(stop), thread: Some(thread) })
    }

    /// Shows how the run is going.
    pub(crate) fn see(&self, progress: &Progress<'_>) {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).take(progress);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits a turn for a key, and does what it says.
fn heed(view: &Mutex<View>, interrupter: &Interrupter) {
    match event::poll(TURN) {
        Ok(true) => {}
        Ok(false) => return,
        Err(_) => return std::thread::sleep(TURN),
    }
    let Ok(Event::Key(key)) = event::read() else {
        return;
    };
    if key.kind == KeyEventKind::Release {
        return;
    }
    let mut view = view.lock().unwrap_or_else(PoisonError::into_inner);
    match key.code {
        // The terminal makes no signals of keys while it is ours.
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            view.ending = true;
            interrupter.interrupt();
        }
        KeyCode::Char('q') if !view.ending => {
            view.ending = true;
            interrupter.finish();
        }
        KeyCode::Char('p') if !view.ending => {
            view.paused = !view.paused;
            interrupter.pause(view.paused);
        }
        _ => {}
    }
}
