//! The feed: what is known, over HTTP, for hosts, dashboards and people.

mod body;
mod routes;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::limits::CONNECTIONS_MAX;
use crate::shared::Shared;

/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the feed is told.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// What a client has to know to change anything; without it nothing can be changed.
    pub token: Option<String>,
    /// Between signs of life on a stream.
    pub alive: Duration,
    /// Factor on intervals and time-outs, for the status to show.
    pub scale: f64,
}

/// Serves the feed until the task is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, access: Access) {
    let (turns, access) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), Arc::new(access));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files, for one: it passes.
                shared.log.line("accept-failed", &[("reason", &error.to_string())]);
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (shared, access) = (Arc::clone(&shared), Arc::clone(&access));
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let (shared, access) = (Arc::clone(&shared), Arc::clone(&access));
                async move { Ok::<_, std::convert::Infallible>(routes::answer(request, &shared, &access).await) }
            });
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(32 * 1024);
            // A client that goes away or talks nonsense is its own affair.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
            drop(turn);
        });
    }
}

/// A host-only address in the form of a URL.
#[must_use]
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
