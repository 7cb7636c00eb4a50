//! The one writer of SQLite: jobs that wait at the same moment share one commit.
//!
//! A durable commit costs one fsync however much is in it, so the writer takes all jobs that wait, runs each in a
//! savepoint of one transaction, commits, and only then lets each caller know. A job that fails or panics undoes only
//! itself. Because the job runs in the writer's task, a caller that goes away (a closed HTTP connection) cancels nothing.

use super::{
    StoreError,
    conn::{Tx, sql},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};

/// The most jobs that share a commit.
const BATCH: usize = 256;
/// The most jobs that wait; further callers are held back.
const QUEUE: usize = 1024;

/// One caller's work, its result kept until after the commit.
pub(super) trait Job: Send {
    /// Runs inside a savepoint; `false` asks for it to be undone.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, bool>;
    /// Tells the caller, after commit or after it failed.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Work<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Work<T, E, F>
where
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, bool> {
        async move {
            let Some(work) = self.work.take() else { return false };
            let outcome = tx.caught(work).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        }
        .boxed()
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (committed, self.outcome) {
            (Err(error), _) => Err(E::from(error)),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(E::from(StoreError::Stopped)),
        };
        let _ = self.reply.send(outcome);
    }
}

/// The writer's task; answers with its connection once every job is done.
pub(super) type Task = tokio::task::JoinHandle<Tx>;

/// Hands jobs to the writer's task.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the task; it ends, and hands back its connection, when the last `Writer` is gone.
    pub(super) fn start(tx: Tx) -> (Self, Task) {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        (Self { jobs }, tokio::spawn(serve(tx, waiting)))
    }

    pub(super) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work { work: Some(work), outcome: None, reply });
        self.jobs.send(job).await.map_err(|_| E::from(StoreError::Stopped))?;
        answer.await.unwrap_or_else(|_| Err(E::from(StoreError::Stopped)))
    }
}

async fn serve(mut tx: Tx, mut waiting: mpsc::Receiver<Box<dyn Job>>) -> Tx {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let committed = commit_together(&mut tx, &mut batch).await;
        metrics::counter!("tawasul_store_writes_total").increment(batch.len() as u64);
        metrics::counter!("tawasul_store_commits_total").increment(1);
        if let Err(error) = &committed {
            tracing::error!(%error, jobs = batch.len(), "a group of writes was not committed");
            let _ = sql!(tx, execute, "ROLLBACK");
        }
        for job in batch.drain(..) {
            job.finish(committed.clone());
        }
    }
    tx
}

async fn commit_together(tx: &mut Tx, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    sql!(tx, execute, lite "BEGIN IMMEDIATE" pg "BEGIN")?;
    if let [job] = batch {
        // Alone it needs no savepoint: what it undoes is the transaction.
        let keep = job.run(tx).await;
        return Ok(if keep { sql!(tx, execute, "COMMIT") } else { sql!(tx, execute, "ROLLBACK") }.map(drop)?);
    }
    for job in batch.iter_mut() {
        sql!(tx, execute, "SAVEPOINT job")?;
        if !job.run(tx).await {
            sql!(tx, execute, "ROLLBACK TO SAVEPOINT job")?;
        }
        sql!(tx, execute, "RELEASE SAVEPOINT job")?;
    }
    sql!(tx, execute, "COMMIT")?;
    Ok(())
}
