//! A place that stays while servers come and go behind it. The port of one that has gone may be another's by the time of the next.

use super::process::Server;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

pub struct Relay {
    pub base: String,
    behind: Arc<Mutex<Option<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Relay {
    pub async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let behind = Arc::new(Mutex::new(None));
        let place = behind.clone();
        let serving = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let place: Option<String> = place.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // With nobody behind it, a connection ends as soon as it is made.
                let Some(place) = place else { continue };
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(place).await {
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        let relay = Self { base, behind, serving };
        relay.lead(Some(server));
        relay
    }

    /// Where connections go from now on; with `None` they end.
    pub fn lead(&self, server: Option<&Server>) {
        let place = server.map(|server| server.base.trim_start_matches("http://").to_owned());
        *self.behind.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}
