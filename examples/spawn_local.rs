//! Talks to a server of its own over TCP, in `glib::spawn_future_local`: each question is
//! a task that is awaited, and between two of them the loop is free.

use std::{
    cell::RefCell,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    rc::Rc,
};

use qio_task::{Error, QioTask};

const QUESTIONS: [&str; 3] = ["who", "what", "why"];

fn main() {
    let main_loop = glib::MainLoop::new(None, false);
    // No lock, and not `Send`: the future stays on this thread, as widgets do.
    let answers = Rc::new(RefCell::new(Vec::new()));

    glib::spawn_future_local(glib::clone!(
        #[strong]
        main_loop,
        #[strong]
        answers,
        async move {
            if let Err(error) = talk(&answers).await {
                eprintln!("{error}");
            }
            main_loop.quit();
        }
    ));
    main_loop.run();

    println!("{}", answers.borrow().join(", "));
}

async fn talk(answers: &RefCell<Vec<String>>) -> Result<(), Error<io::Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::Failed)?;
    let address = listener.local_addr().map_err(Error::Failed)?;
    serve(listener);
    for question in QUESTIONS {
        let answer = ask(address, question).await?;
        answers.borrow_mut().push(answer);
    }
    Ok(())
}

/// Sends a line, and reads one.
async fn ask(server: SocketAddr, question: &'static str) -> Result<String, Error<io::Error>> {
    qio_task::spawn_blocking(move |_| {
        let mut stream = TcpStream::connect(server)?;
        writeln!(stream, "{question}")?;
        read_line(&stream)
    })
    .await
}

/// Answers each question in capitals, in a thread of its own, until all have been asked.
fn serve(listener: TcpListener) {
    QioTask::builder()
        .name("server")
        .dedicated_thread()
        .callback(|served: Result<(), Error<io::Error>>| {
            if let Err(error) = served {
                eprintln!("the server: {error}");
            }
        })
        .run_in_thread(move |_| {
            for stream in listener.incoming().take(QUESTIONS.len()) {
                let mut stream = stream?;
                let question = read_line(&stream)?;
                writeln!(stream, "{}", question.to_uppercase())?;
            }
            Ok(())
        });
}

fn read_line(stream: &TcpStream) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
