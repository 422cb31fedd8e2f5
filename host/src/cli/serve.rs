//! `tinybase serve`: opens the host, answers requests, and stops in order.

use super::{Failed, Place, direct, terminal};
use crate::clock::World;
use crate::config::{Config, Durability, Flags, LogFormat, Secret};
use crate::host::{Host, socket};
use crate::http::{self, App};
use crate::tenant::Cx;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long open requests may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(8);

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8090; env: `TINYBASE_HTTP`]
    #[arg(long, value_name = "ADDRESS:PORT")]
    http: Option<String>,
    /// `normal`: a power cut may cost the last 100 ms; `full`: every answer is on the disk [default: normal]
    #[arg(long, value_name = "normal|full")]
    durability: Option<Durability>,
    /// Threads that answer requests [default: one a core]
    #[arg(long, value_name = "COUNT")]
    workers: Option<usize>,
    /// Threads that run plugins [default: one a core]
    #[arg(long, value_name = "COUNT")]
    plugin_threads: Option<usize>,
    /// Fuel that the plugins of a tenant may burn in a second, all together [default: no limit]
    #[arg(long, value_name = "FUEL")]
    plugin_fuel_per_second: Option<u64>,
    /// Call no plugin: to get at a server whose plugins do harm
    #[arg(long)]
    no_plugins: bool,
    /// Origins that browsers may call from [default: *]
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    origins: Option<Vec<String>>,
    /// How to write the log, on stderr [default: pretty]
    #[arg(long, value_name = "pretty|json")]
    log_format: Option<LogFormat>,
    /// Opens `/metrics` for whoever presents it; better in the variable `TINYBASE_METRICS_TOKEN`, which no list of
    /// processes shows
    #[arg(long, value_name = "TOKEN")]
    metrics_token: Option<String>,
    /// Certificates (PEM) of authorities that may vouch for mail servers, beside those that everybody knows
    #[arg(long, value_name = "FILE")]
    smtp_ca_file: Option<PathBuf>,
    /// A setting that holds over what is stored; may be given more than once
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failed> {
        let config = Config::load(Flags {
            http: self.http,
            durability: self.durability,
            workers: self.workers,
            plugin_threads: self.plugin_threads,
            plugin_fuel_per_second: self.plugin_fuel_per_second,
            no_plugins: self.no_plugins,
            origins: self.origins,
            log_format: self.log_format,
            metrics_token: self.metrics_token.map(Secret),
            smtp_ca_file: self.smtp_ca_file,
            settings: self.settings,
            ..self.place.flags()
        })?;
        terminal::log(&config);
        direct::block_on(config.workers, serve(config))
    }
}

async fn serve(config: Config) -> Result<(), Failed> {
    let address = config.http.clone();
    let failed = |error: std::io::Error| Failed::new(format!("failed to listen on {address}: {error}"));
    // Kept as long as the process lives, so that nobody is refused while the data is opened anew.
    let door = TcpListener::bind(&address).await.and_then(TcpListener::into_std).map_err(failed)?;
    let signals = || Signals::new().map_err(|error| Failed::new(format!("failed to listen for signals: {error}")));
    let (mut first, mut any) = (signals()?, signals()?);
    let mut lock = None;
    let to_the_end = async {
        loop {
            let host = match lock.take() {
                Some(lock) => Host::open_locked(lock, config.clone(), World::real()).await?,
                None => Host::open(config.clone(), World::real()).await?,
            };
            let listener = door.try_clone().and_then(TcpListener::from_std).map_err(failed)?;
            if serve_host(&host, listener, &mut first).await? {
                return Ok(());
            }
            lock = host.give_up_lock();
        }
    };
    let twice = async {
        any.next().await;
        any.next().await;
    };
    tokio::select! {
        ended = to_the_end => ended,
        () = twice => Err(Failed::new("stopped at once, by a second signal")),
    }
}

/// Serves until the process is asked to stop, or the data is to be opened anew; whether it is the former.
async fn serve_host(host: &Arc<Host>, listener: TcpListener, signals: &mut Signals) -> Result<bool, Failed> {
    if let Err(error) = socket::listen(host) {
        tracing::warn!(%error, "no commands are taken while the server runs");
    }
    announce(host, &listener).await?;
    let mut is_over = false;
    let stop = async {
        tokio::select! {
            () = signals.next() => is_over = true,
            () = host.again.asked() => {}
        }
    };
    http::serve(App::new(host.clone()), listener, stop, GRACE).await;
    tracing::info!(again = !is_over, "stopping");
    host.close().await;
    Ok(is_over)
}

async fn announce(host: &Arc<Host>, listener: &TcpListener) -> Result<(), Failed> {
    let address = listener.local_addr().map_err(|error| Failed::new(error.to_string()))?;
    let base = format!("http://{}", reachable(address));
    let cx = Cx::system(host.default_tenant().tenant.clone());
    let token = host.set_up.begin(&cx).await?;
    terminal::data(&format!("API        {base}/api/"));
    terminal::data(&format!("Dashboard  {base}/_/"));
    if let Some(token) = token {
        terminal::data(&format!("Set up     {base}/_/setup?token={token}"));
        terminal::say("There is no superuser yet: open the set-up address once, or run `tinybase admin create`.");
    }
    Ok(())
}

/// An address to click on: the one that stands for all addresses is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The signals that ask a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_to_click_on() {
        for (bound, shown) in [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.1:80", "10.0.0.1:80")]
        {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), shown);
        }
    }
}
