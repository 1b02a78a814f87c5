//! `borgerpanel lsp`: tells an editor what is wrong while a survey is written.
//!
//! 1. A thread reads messages from standard input (`wire`); one loop answers them in their order.
//! 2. `workspace` keeps the open texts and reads the site around them, once typing has paused.
//! 3. `spot` says what stands at the cursor, `known` what a file has; `offer`, `hover`,
//!    `mend` and `outline` answer from these and from the language's vocabulary.
//!
//! Nothing an editor sends ends it but `exit` and the end of the stream.

mod hover;
mod known;
mod mend;
mod offer;
mod outline;
mod place;
mod spot;
mod wire;
mod workspace;

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CodeActionParams, CompletionOptions, CompletionParams, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DocumentSymbolParams, HoverParams,
    InitializeParams, InitializeResult, OneOf, Position, ServerCapabilities, ServerInfo,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cli::{LspArgs, Verdict};
use crate::console::complain;
use crate::error::{Context, Error, Result};
use workspace::{At, Workspace};

/// The site is read again when nothing has been typed for so long.
const PAUSE: Duration = Duration::from_millis(80);

/// Answers an editor until it says `exit`.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(args: &LspArgs) -> Result<Verdict> {
    let (sender, inbox) = channel();
    let reader = move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(message)) = wire::read(&mut input) {
            let sent = match message {
                Ok(message) => sender.send(message).is_ok(),
                Err(why) => {
                    complain!("borgerpanel lsp: {why}");
                    true
                }
            };
            if !sent {
                return;
            }
        }
    };
    let begun = thread::Builder::new().name("read".to_owned()).spawn(reader);
    begun.map_err(|error| Error::new("start the reading thread").source(error))?;
    let server = Server {
        out: io::stdout().lock(),
        workspace: Workspace::new(args.lang),
        state: State::Waiting,
        snippets: false,
    };
    server.serve(&inbox).during("write to the editor")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// For `initialize`.
    Waiting,
    Working,
    ShutDown,
}

struct Server<W> {
    out: W,
    workspace: Workspace,
    state: State,
    /// The editor can put the cursor into what it inserts.
    snippets: bool,
}

/// A request that could not be answered.
struct Refusal(ErrorCode, String);

impl<W: Write> Server<W> {
    fn serve(mut self, inbox: &Receiver<Message>) -> io::Result<Verdict> {
        loop {
            let pause = if self.workspace.is_stale { PAUSE } else { Duration::MAX };
            match inbox.recv_timeout(pause) {
                Ok(Message::Request(request)) => self.answer(request)?,
                Ok(Message::Notification(note)) if note.method == "exit" => break,
                Ok(Message::Notification(note)) => self.hear(note),
                // Nothing is asked of the editor.
                Ok(Message::Response(_)) => {}
                Err(RecvTimeoutError::Timeout) => self.publish()?,
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        // The protocol's own rule: an exit without a shutdown before it is a failure.
        Ok(if self.state == State::ShutDown { Verdict::Fine } else { Verdict::No })
    }

    fn answer(&mut self, request: Request) -> io::Result<()> {
        if self.workspace.is_stale {
            self.publish()?;
        }
        let Request { id, method, params } = request;
        let answered = catch_unwind(AssertUnwindSafe(|| self.reply(&method, params)));
        let response = match answered {
            Ok(Ok(value)) => Response::new_ok(id, value),
            Ok(Err(Refusal(code, why))) => Response::new_err(id, code as i32, why),
            Err(_) => {
                let why = "this should not have happened; please report it with the file";
                Response::new_err(id, ErrorCode::InternalError as i32, why.to_owned())
            }
        };
        wire::write(&mut self.out, response)
    }

    fn reply(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        match (self.state, method) {
            (State::Waiting, "initialize") => self.initialize(read(params)?),
            (State::Waiting, _) => {
                Err(Refusal(ErrorCode::ServerNotInitialized, "`initialize` comes first".to_owned()))
            }
            (State::Working, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Value::Null)
            }
            (State::Working, "textDocument/completion") => {
                let CompletionParams { text_document_position: at, .. } = read(params)?;
                let snippets = self.snippets;
                self.at(&at.text_document.uri, |file| {
                    offer::complete(file, file.offset(at.position), snippets)
                })
            }
            (State::Working, "textDocument/hover") => {
                let HoverParams { text_document_position_params: at, .. } = read(params)?;
                self.at(&at.text_document.uri, |file| hover::hover(file, file.offset(at.position)))
            }
            (State::Working, "textDocument/codeAction") => {
                let CodeActionParams { text_document, range, .. } = read(params)?;
                self.at(&text_document.uri, |file| mend::mend(file, &text_document.uri, range))
            }
            (State::Working, "textDocument/documentSymbol") => {
                let DocumentSymbolParams { text_document, .. } = read(params)?;
                self.at(&text_document.uri, outline::outline)
            }
            (State::ShutDown, _) | (_, "initialize") => {
                Err(Refusal(ErrorCode::InvalidRequest, format!("`{method}` comes too late")))
            }
            _ => Err(Refusal(ErrorCode::MethodNotFound, format!("there is no `{method}` here"))),
        }
    }

    fn initialize(&mut self, params: InitializeParams) -> Result<Value, Refusal> {
        self.state = State::Working;
        let completion = params.capabilities.text_document.and_then(|text| text.completion);
        let item = completion.and_then(|completion| completion.completion_item);
        self.snippets = item.and_then(|item| item.snippet_support).unwrap_or(false);
        let result = InitializeResult {
            capabilities: capabilities(),
            server_info: Some(ServerInfo {
                name: "borgerpanel".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        write(result)
    }

    /// What `ask` says about an open file; null where it is not open.
    fn at<T: serde::Serialize>(
        &self,
        uri: &Uri,
        ask: impl FnOnce(&At) -> T,
    ) -> Result<Value, Refusal> {
        let path = place::path(uri);
        let text = |path: &PathBuf| self.workspace.text(path).map(|text| (path.clone(), text));
        match path.as_ref().and_then(text) {
            Some((path, text)) => write(ask(&At { workspace: &self.workspace, path: &path, text })),
            None => Ok(Value::Null),
        }
    }

    /// Takes in what the editor tells. What cannot be read is passed over: there is nobody to answer.
    fn hear(&mut self, note: Notification) {
        let Notification { method, params } = note;
        let heard = match method.as_str() {
            "textDocument/didOpen" => read(params).map(|opened: DidOpenTextDocumentParams| {
                self.workspace.open(&opened.text_document.uri, &opened.text_document.text);
            }),
            "textDocument/didChange" => read(params).map(|changed: DidChangeTextDocumentParams| {
                // Whole texts were asked for: the last one counts.
                let last = changed.content_changes.last().filter(|change| change.range.is_none());
                if let Some(change) = last {
                    self.workspace.open(&changed.text_document.uri, &change.text);
                }
            }),
            "textDocument/didClose" => read(params).map(|closed: DidCloseTextDocumentParams| {
                self.workspace.close(&closed.text_document.uri);
            }),
            // Other files may have changed with it.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.workspace.is_stale = true;
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(Refusal(_, why)) = heard {
            complain!("borgerpanel lsp: {method}: {why}");
        }
    }

    fn publish(&mut self) -> io::Result<()> {
        let refreshed = catch_unwind(AssertUnwindSafe(|| self.workspace.refresh()));
        for told in refreshed.unwrap_or_default() {
            let method = "textDocument/publishDiagnostics".to_owned();
            wire::write(&mut self.out, Notification::new(method, told))?;
        }
        Ok(())
    }
}

impl At<'_> {
    fn offset(&self, position: Position) -> usize {
        place::offset(self.text, position)
    }
}

fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(true.into()),
        ..TextDocumentSyncOptions::default()
    };
    let signs = ["{", "\"", "=", ".", " "].map(str::to_owned);
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(true.into()),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(signs.into()),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(true.into()),
        document_symbol_provider: Some(OneOf::Left(true)),
        ..ServerCapabilities::default()
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    let wrong = |error: serde_json::Error| Refusal(ErrorCode::InvalidParams, error.to_string());
    serde_json::from_value(params).map_err(wrong)
}

fn write(value: impl serde::Serialize) -> Result<Value, Refusal> {
    let wrong = |error: serde_json::Error| Refusal(ErrorCode::InternalError, error.to_string());
    serde_json::to_value(value).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The shipped surveys, cut anywhere, with signs put in that open something.
    #[test]
    fn answers_wherever_somebody_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/surveys");
        let mut rng = fastrand::Rng::with_seed(3);
        let workspace = Workspace::default();
        for entry in std::fs::read_dir(folder).expect("the shipped surveys") {
            let whole = std::fs::read_to_string(entry.expect("an entry").path()).expect("a survey");
            let ends: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
            for _ in 0..25 {
                let cut = *rng.choice(&ends).expect("it is not empty");
                let signs = ["", "{", "{if=\"", "{{", "\n---", "|", "{goto=", "\"}", "{{o}}", "🌳"];
                let sign = *rng.choice(&signs).expect("there are some");
                let rest = if rng.bool() { &whole[cut..] } else { "" };
                let text = format!("{}{sign}{rest}", &whole[..cut]);
                let file = At { workspace: &workspace, path: Path::new("a.md"), text: &text };
                let at = cut + sign.len();
                offer::complete(&file, at, true);
                hover::hover(&file, at);
                hover::hover(&file, cut);
                outline::outline(&file);
            }
        }
    }
}
