//! What is going on, for somebody who waits at a terminal.

use std::{
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nothing is shown for work that takes less than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error that says what is going on; gone when dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A line that is shown after a second, or never if it is not wanted.
    pub(crate) fn new(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(ProgressStyle::default_spinner());
        let waiting = wanted.then(|| {
            let (done, waits) = channel::<()>();
            let bar = bar.clone();
            let show = move || {
                if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(Duration::from_millis(100));
                    // Holds on until the work is done.
                    let _ = waits.recv();
                }
                bar.finish_and_clear();
            };
            (done, thread::spawn(show))
        });
        Self { bar, waiting }
    }

    pub(crate) fn say(&self, what: String) {
        self.bar.set_message(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shown)) = self.waiting.take() {
            drop(done);
            let _ = shown.join();
        }
    }
}
