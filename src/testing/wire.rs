//! A wire between two programs, which a test may cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Leads from a port of its own to another on loopback.
pub struct Wire {
    pub port: u16,
    is_whole: watch::Sender<bool>,
    /// So many bytes of each answer come through, then the connection ends.
    answers: Arc<AtomicU64>,
}

impl Wire {
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (is_whole, cut) = watch::channel(true);
        let answers = Arc::new(AtomicU64::new(u64::MAX));
        let limit = answers.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *cut.borrow() {
                    tokio::spawn(carry(client, target, limit.load(Ordering::SeqCst), cut.clone()));
                }
            }
        });
        Self { port, is_whole, answers }
    }

    /// Ends every connection, and lets none through.
    pub fn cut(&self) {
        self.is_whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.is_whole.send_replace(true);
    }

    /// From now on each connection ends after so many bytes of its answers.
    pub fn end_after(&self, bytes: u64) {
        self.answers.store(bytes, Ordering::SeqCst);
    }
}

async fn carry(client: TcpStream, target: u16, answers: u64, mut whole: watch::Receiver<bool>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let mut from_server = from_server.take(answers);
    // Whichever ends first ends the connection.
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = copy(&mut from_server, &mut to_client) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
