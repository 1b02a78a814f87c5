//! What the disk alone can do, and the store alone: the floors that a POST is measured against.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use borgerpanel::store::outbox::Outbox;
use borgerpanel::store::record::{Kind, Label, Sealed, Uid};

use crate::load::{Figures, measure};

/// As large as a sealed response for two recipients.
pub const RECORD_BYTES: usize = 2200;

/// 4 KB and a sync, again and again.
pub fn fsyncs(folder: &Path, span: Duration) -> Figures {
    measure(1, span, || {
        let mut file = File::create(folder.join("raw")).expect("a file");
        move || {
            file.write_all(&[7; 4096]).expect("written");
            file.sync_data().expect("synced");
        }
    })
}

/// Group commit without a database: what has gathered is appended in one write and synced once.
pub fn groups(clients: usize, folder: &Path, span: Duration) -> Figures {
    std::fs::create_dir_all(folder).expect("a folder");
    let mut file = File::create(folder.join("groups")).expect("a file");
    let (jobs, queue) = sync_channel::<SyncSender<()>>(1024);
    let writer = thread::spawn(move || {
        while let Ok(first) = queue.recv() {
            let group: Vec<_> = std::iter::once(first).chain(queue.try_iter()).collect();
            file.write_all(&vec![1; group.len() * RECORD_BYTES]).expect("written");
            file.sync_data().expect("synced");
            group.into_iter().for_each(|answer| answer.send(()).expect("it waits"));
        }
    });
    let figures = measure(clients, span, move || {
        let jobs = jobs.clone();
        let (answer, answered) = sync_channel(1);
        move || {
            jobs.send(answer.clone()).expect("the writer lives");
            answered.recv().expect("synced");
        }
    });
    writer.join().expect("the writer ends with its clients");
    figures
}

/// The outbox's group commit without HTTP, judging and sealing.
pub fn commits(clients: usize, folder: &Path, span: Duration) -> Figures {
    let outbox = Arc::new(Outbox::open(folder).expect("an outbox"));
    let epoch = outbox.life().expect("a life").epoch;
    measure(clients, span, move || {
        let outbox = outbox.clone();
        move || {
            let label = Label {
                kind: Kind::Response,
                uid: Uid::random(),
                survey: "groenne-omraader".to_owned(),
                version: "0".repeat(64),
                kiosk: "bench".to_owned(),
                epoch,
            };
            outbox.store(Sealed { label, body: vec![1; RECORD_BYTES] }).expect("stored");
        }
    })
}
