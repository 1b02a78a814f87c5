//! `lsp`, the real program, spoken to over its standard input and output as an editor does.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::authors::Desk;
use crate::preview::Running;

const HEAD: &str = "---\ntitle: Prøve\n---\n\n# Hus 🌳 {#house}\n\n";

struct Editor {
    desk: Desk,
    running: Running,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    asked: i32,
}

impl Editor {
    /// Starts the program and says hello.
    fn new() -> Editor {
        let desk = Desk::new();
        let mut child = Command::new(env!("CARGO_BIN_EXE_borgerpanel"))
            .args(["lsp", "--lang", "en"])
            .current_dir(desk.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("piped"));
        let mut editor = Editor { desk, running: Running(child), to, from, asked: 0 };
        let early = editor.ask("textDocument/hover", json!({}));
        assert_eq!(early["error"]["code"], -32002, "{early}");
        let item = json!({"completionItem": {"snippetSupport": true}});
        let able = json!({"textDocument": {"completion": item}});
        let hello = editor.ask("initialize", json!({"capabilities": able}));
        assert_eq!(hello["result"]["capabilities"]["hoverProvider"], true, "{hello}");
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, bytes: &[u8]) {
        let to = self.to.as_mut().expect("still open");
        to.write_all(bytes).and_then(|()| to.flush()).expect("it listens");
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        self.send(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("a line") > 0, "it ended");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(told) => length = told.parse().expect("a length"),
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a whole message");
        serde_json::from_slice(&body).expect("JSON")
    }

    /// The answer to a request; what is told meanwhile is passed over.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}", self.desk.path(&format!("content/{file}")).display())
    }

    fn open(&mut self, file: &str, text: &str) {
        let uri = self.uri(file);
        let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&mut self, file: &str, text: &str) {
        let document = json!({"uri": self.uri(file), "version": 2});
        let changes = json!([{"text": text}]);
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.tell("textDocument/didChange", params);
    }

    /// The next diagnostics that are told about `file`.
    fn told(&mut self, file: &str) -> Vec<Value> {
        loop {
            let message = self.read();
            if message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == self.uri(file)
            {
                return message["params"]["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    /// Opens `text` with the cursor at its `¦`; what `method` answers there.
    fn at_cursor(&mut self, method: &str, text: &str) -> Value {
        let (before, after) = text.split_once('¦').expect("a cursor");
        self.open("surveys/prove.md", &format!("{HEAD}{before}{after}"));
        let whole = format!("{HEAD}{before}");
        let line = whole.matches('\n').count();
        let column = whole.rsplit('\n').next().expect("a line").encode_utf16().count();
        let document = json!({"uri": self.uri("surveys/prove.md")});
        let position = json!({"line": line, "character": column});
        let answer = self.ask(method, json!({"textDocument": document, "position": position}));
        answer["result"].clone()
    }

    fn labels(&mut self, text: &str) -> Vec<String> {
        let items = self.at_cursor("textDocument/completion", text);
        let items = items.as_array().expect("a list").iter();
        items.map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
    }

    fn hover(&mut self, text: &str) -> String {
        let answer = self.at_cursor("textDocument/hover", text);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Says goodbye; the exit code.
    fn leave(mut self) -> Option<i32> {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        assert_eq!(self.ask("textDocument/hover", json!({}))["error"]["code"], -32600);
        self.tell("exit", Value::Null);
        self.running.0.wait().expect("it ends").code()
    }
}

#[test]
fn a_mistake_is_told_where_it_stands_mended_and_gone() {
    let mut editor = Editor::new();
    let wrong = format!("{HEAD}## 🌳 Æble? {{#apple reqired}}\n\n____\n");
    editor.open("surveys/prove.md", &wrong);
    let told = editor.told("surveys/prove.md");
    let note = told.iter().find(|note| note["code"] == "unknown-attribute").expect("the mistake");
    // `🌳` is two UTF-16 units: `## 🌳 Æble? {#apple ` is 20 of them.
    let range = json!({
        "start": {"line": 6, "character": 20},
        "end": {"line": 6, "character": 27},
    });
    assert_eq!(note["range"], range);
    assert_eq!((&note["severity"], &note["source"]), (&json!(1), &json!("borgerpanel")));
    let message = note["message"].as_str().expect("a message");
    assert!(message.contains("`reqired`") && message.contains("did you mean `required`?"));

    let uri = editor.uri("surveys/prove.md");
    let params = json!({
        "textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []},
    });
    let actions = editor.ask("textDocument/codeAction", params)["result"].clone();
    assert_eq!(actions[0]["title"], "Change it to required");
    assert_eq!(actions[0]["kind"], "quickfix");
    let edit = &actions[0]["edit"]["changes"][&uri][0];
    assert_eq!((&edit["range"], &edit["newText"]), (&range, &json!("required")));

    editor.change("surveys/prove.md", &wrong.replace("reqired", "required"));
    let left = editor.told("surveys/prove.md");
    assert!(!left.iter().any(|note| note["code"] == "unknown-attribute"), "{left:?}");
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn a_translations_mistake_is_told_at_its_own_address() {
    let mut editor = Editor::new();
    let (base, translation) = ("surveys/havnebade.md", "surveys/havnebade.en.md");
    let path = editor.desk.path("content/surveys/havnebade.md");
    let text = fs::read_to_string(path).expect("the survey");
    editor.open(base, &format!("{text}\n## Hvad ellers? {{#else}}\n\n____\n"));
    let told = editor.told(translation);
    assert!(told.iter().any(|note| note["severity"] == 1), "{told:?}");
    // What is not saved is gone when the file is closed.
    let document = json!({"uri": editor.uri(base)});
    editor.tell("textDocument/didClose", json!({"textDocument": document}));
    assert_eq!(editor.told(translation), Vec::<Value>::new());
    assert_eq!(editor.leave(), Some(0));
}

const QUESTIONS: &str = "## Hvor ofte? {#often}\n\n- ( ) Dagligt {#daily}\n- ( ) Aldrig {#never}\n\n\
    ## Hvad? {#what}\n\n- [ ] Løb {#run}\n- [ ] Leg {#play}\n\n\
    ## Hvordan? {#rate}\n\n|  | God {#1} | Dårlig {#2} |\n|--|--|--|\n| Ren {#clean} | | |\n\n";

#[test]
fn offers_what_may_stand_at_the_cursor() {
    let mut editor = Editor::new();
    let ids = editor.labels(&format!("{QUESTIONS}## Så? {{#so if=\"¦\"}}\n\n____\n"));
    assert!(ids.starts_with(&["often".into(), "what".into(), "rate".into()]), "{ids:?}");
    assert!(ids.contains(&"answered".to_owned()) && !ids.contains(&"so".to_owned()), "{ids:?}");
    // An open quote and brace, as they are while somebody types.
    let codes = editor.labels(&format!("{QUESTIONS}## Så? {{#so if=\"often == ¦\n\n____\n"));
    assert_eq!(codes, ["daily", "never"]);
    let rows = editor.labels(&format!("{QUESTIONS}## Så? {{#so if=\"rate.¦\"}}\n\n____\n"));
    assert_eq!(rows, ["clean"]);
    let columns = editor.labels(&format!("{QUESTIONS}## Så? {{#so if=\"rate.clean == ¦\"}}\n"));
    assert_eq!(columns, ["1", "2"]);
    let from = editor.labels(&format!("{QUESTIONS}## Så? {{#so from=\"¦\"}}\n"));
    assert_eq!(from, ["what"]);

    let taken = "## Mere? {#more from=\"what chosen\"}\n\n";
    let carried = editor.labels(&format!("{QUESTIONS}{taken}## Så? {{#so if=\"more == ¦\"}}\n"));
    assert_eq!(carried, ["run", "play"]);
    let map =
        "<svg viewBox=\"0 0 9 9\"><path id=\"nord\" d=\"M0 0h9\"><title>Nord</title></path></svg>";
    fs::create_dir_all(editor.desk.path("content/maps")).expect("a folder");
    fs::write(editor.desk.path("content/maps/byen.svg"), map).expect("written");
    let maps = editor.labels("## Hvor? {#where place=¦}\n");
    // The shipped content has a map of its own.
    assert_eq!(maps, ["byen", "districts"]);
    let areas =
        editor.labels("## Hvor? {#where place=byen}\n\n## Så? {#so if=\"where == ¦\"}\n\n____\n");
    assert_eq!(areas, ["nord"]);

    let names = editor.labels("## Så? {#so req¦}\n\n____\n");
    assert!(names.contains(&"required".to_owned()) && !names.contains(&"goto".to_owned()));
    let on_choice = editor.labels("## Så? {#so}\n\n- A {#a ¦}\n- B {#b}\n");
    assert!(on_choice.contains(&"goto".to_owned()) && !on_choice.contains(&"scale".to_owned()));
    let targets = editor.labels(
        "## Så? {#so}\n\n- A {#a goto=¦}\n- B {#b}\n\n# Senere {#later}\n\n## C? {#c}\n\n____\n",
    );
    assert_eq!(targets, ["later", "end"]);
    let fields = editor.labels("## Så? {#so maps=¦}\n\n____\n");
    assert!(fields.contains(&"district".to_owned()), "{fields:?}");
    let piped = editor
        .labels(&format!("{QUESTIONS}# Så {{#then}}\n\n## Du sagde {{{{o¦}}}} {{#so}}\n\n____\n"));
    assert_eq!(piped, ["often", "what", "rate"]);
    assert_eq!(editor.labels("{{include \"¦\n"), ["blocks/baggrund.md"]);
    assert!(editor.labels("Bare tekst ¦ her.\n").is_empty());

    let item = editor.at_cursor("textDocument/completion", "## Æ 🌳? {#so i¦}\n\n____\n");
    let item = item.as_array().expect("a list").iter().find(|item| item["label"] == "if").cloned();
    let edit = item.expect("`if`")["textEdit"].clone();
    assert_eq!(edit["newText"], "if=\"$0\"");
    assert_eq!(edit["range"]["start"]["character"], 14, "{edit}");
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn says_what_words_mean() {
    let mut editor = Editor::new();
    let attribute = editor.hover("## Så? {#so requ¦ired}\n\n____\n");
    assert!(attribute.starts_with("Must be answered"), "{attribute}");
    let id = editor.hover(&format!("{QUESTIONS}## Så? {{#so if=\"oft¦en == daily\"}}\n\n____\n"));
    assert!(id.contains("**Hvor ofte?**") && id.contains("- `daily` Dagligt"), "{id}");
    let code = editor.hover(&format!("{QUESTIONS}## Så? {{#so if=\"often == dai¦ly\"}}\n\n____\n"));
    assert_eq!(code, "`daily`: Dagligt");
    let row = editor.hover(&format!("{QUESTIONS}## Så? {{#so if=\"rate.cle¦an == 1\"}}\n\n____\n"));
    assert_eq!(row, "`clean`: Ren");
    assert_eq!(editor.hover("## Så? {#so}\n\nBare te¦kst.\n\n____\n"), "");

    let uri = editor.uri("surveys/prove.md");
    let position = json!({"line": 1, "character": 2});
    let params = json!({"textDocument": {"uri": uri}, "position": position});
    let key = editor.ask("textDocument/hover", params);
    let words = key["result"]["contents"]["value"].as_str().expect("words");
    assert!(words.starts_with("The survey's name."), "{words}");

    let symbols = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}}));
    assert_eq!(symbols["result"][0]["name"], "Hus 🌳", "{symbols}");
    assert_eq!(symbols["result"][0]["children"][0]["name"], "Så?");
    assert_eq!(editor.leave(), Some(0));
}

#[test]
fn what_an_editor_should_not_send_does_not_end_it() {
    let mut editor = Editor::new();
    editor.send(b"nonsense\r\n\r\nContent-Length: 7\r\n\r\n{\"a\": [Content-Length: 2\r\n\r\n{}");
    editor.send(b"Content-Length: 4\r\n\r\n\xff\xfe\xfd\xfcContent-Length: none\r\n");
    assert_eq!(editor.ask("no/such", json!([]))["error"]["code"], -32601);
    assert_eq!(editor.ask("textDocument/hover", json!({"x": 1}))["error"]["code"], -32602);
    assert_eq!(editor.ask("initialize", json!({}))["error"]["code"], -32600);
    editor.tell("textDocument/didOpen", json!({"textDocument": 7}));
    let document = json!({"uri": "untitled:1", "languageId": "", "version": 1, "text": "{"});
    editor.tell("textDocument/didOpen", json!({"textDocument": document}));
    let nowhere =
        json!({"textDocument": {"uri": "untitled:1"}, "position": {"line": 9, "character": 9}});
    assert_eq!(editor.ask("textDocument/hover", nowhere)["result"], Value::Null);
    // Every beginning of a survey, as it is while it is typed.
    let text = format!("{HEAD}{QUESTIONS}");
    for (at, _) in text.char_indices().step_by(17) {
        editor.change("surveys/prove.md", &text[..at]);
        let document = json!({"uri": editor.uri("surveys/prove.md")});
        let position = json!({"line": text[..at].matches('\n').count(), "character": 99});
        let params = json!({"textDocument": document, "position": position});
        let answer = editor.ask("textDocument/completion", params);
        assert!(answer["error"].is_null(), "{at}: {answer}");
    }
    // An editor that dies closes the stream.
    drop(editor.to.take());
    assert_eq!(editor.running.0.wait().expect("it ends").code(), Some(1));
}
