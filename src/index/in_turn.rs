//! Looks at files on several threads, each taking the next one in turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, Scope};

use crate::cancel::Cancel;
use crate::dataset::ImageFile;
use crate::error::{Error, Result};
use crate::limits::{self, Limit};
use crate::priority;
use crate::vgg16::NetworkOptions;

/// Applies `look` to all `images`, on the network's number of threads or as many as possible, at most `ahead` results
/// before the receiver. The threads end when `stop` is cancelled or the receiver is dropped. An error if not even one
/// thread starts.
pub fn look_at_all<'scope, 'env, T: Send + 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    images: &'env [ImageFile],
    ahead: usize,
    options: &NetworkOptions,
    stop: &'env Cancel,
    look: impl Fn(&'env ImageFile) -> T + Clone + Send + 'scope,
) -> Result<Receiver<T>> {
    let (sender, looked) = sync_channel(ahead);
    let next = Arc::new(AtomicUsize::new(0));
    let in_background = options.in_background;
    for started in 0..limits::at_most(options.threads.get()) {
        let (sender, next, look) = (sender.clone(), next.clone(), look.clone());
        let work = move || {
            if in_background {
                priority::lower();
            }
            while let Some(image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
                let seen = look(image);
                if stop.is_cancelled() || sender.send(seen).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = Builder::new().name("looker".into()).spawn_scoped(scope, work) {
            if started == 0 {
                return Err(Limit::of_start(&error).map_or_else(|| Error::Network(error.to_string()), Error::Limit));
            }
            tracing::warn!(%error, started, "no more threads look at files");
            break;
        }
    }
    Ok(looked)
}
