//! An application that is stuck in a lookup without an answer, and how to find it.

use std::{
    env,
    error::Error as StdError,
    io::{self, BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{self, Command, Stdio},
    time::Duration,
};

use clap::{Parser, ValueEnum};
use qio_task::{Error, QioTask};

#[derive(Parser)]
struct Arguments {
    /// How the application gets into trouble
    #[arg(value_enum, default_value_t = Trouble::Worker)]
    trouble: Trouble,
    /// Find it: run the same with `QIO_TASK_DEBUG=tasks`, ask it for its tasks, and end
    #[arg(long)]
    show: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Trouble {
    /// A worker waits for a server that never answers
    Worker,
    /// A callback does, so that the main loop hangs
    Callback,
    /// `main` returns while a worker waits
    Return,
    /// The program calls `exit` while a worker waits
    Exit,
}

fn main() -> Result<(), Box<dyn StdError>> {
    let Arguments { trouble, show } = Arguments::parse();
    if show {
        return find(trouble);
    }
    // It takes connections and never answers.
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = server.local_addr()?;
    get_stuck(trouble, address);
    Ok(())
}

/// Blocks for ten minutes: for ever, to a user.
fn look_up(address: SocketAddr) -> io::Result<String> {
    let mut answer = String::new();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(10)))?;
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn get_stuck(trouble: Trouble, address: SocketAddr) {
    let main_loop = glib::MainLoop::new(None, false);
    // One that ends is in no list.
    QioTask::builder()
        .name("icon")
        .callback(|icon: Result<u32, Error>| drop(icon))
        .run_in_thread(|_| Ok(16))
        .wait();

    let hangs_loop = matches!(trouble, Trouble::Callback);
    QioTask::builder()
        .name("lookup")
        .callback({
            let main_loop = main_loop.clone();
            move |answer: Result<String, Error<io::Error>>| {
                if hangs_loop {
                    tell_how_to_find_it();
                    let _ = look_up(address);
                }
                drop(answer);
                main_loop.quit();
            }
        })
        .run_in_thread(move |_| {
            if hangs_loop {
                return Ok(String::new());
            }
            tell_how_to_find_it();
            look_up(address)
        });

    match trouble {
        Trouble::Worker | Trouble::Callback => main_loop.run(),
        Trouble::Return => {}
        Trouble::Exit => process::exit(3),
    }
}

fn tell_how_to_find_it() {
    let process = process::id();
    let how = how_to_ask(process);
    eprintln!("stuck: process {process} hangs; `{how}` lists its tasks");
    if env::var_os("QIO_TASK_DEBUG").is_none() {
        let otherwise = if cfg!(unix) {
            ": else that ends it"
        } else {
            ""
        };
        eprintln!("stuck: (if it was started with QIO_TASK_DEBUG=tasks{otherwise})");
    }
}

/// Does what that tells, to a process of its own.
fn find(trouble: Trouble) -> Result<(), Box<dyn StdError>> {
    let name = trouble.to_possible_value().expect("it has a name");
    let mut stuck = Command::new(env::current_exe()?)
        .arg(name.get_name())
        .env("QIO_TASK_DEBUG", "tasks")
        .stderr(Stdio::piped())
        .spawn()?;
    let lines = stuck.stderr.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(BufRead::lines) {
        let line = line?;
        eprintln!("{line}");
        if line.starts_with("stuck:") {
            ask(stuck.id())?;
        }
        if line.contains("\"lookup\"") {
            break;
        }
    }
    stuck.kill()?;
    stuck.wait()?;
    Ok(())
}

#[cfg(unix)]
fn how_to_ask(process: u32) -> String {
    format!("kill -USR1 {process}")
}

#[cfg(unix)]
fn ask(process: u32) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};

    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let process = process.ok_or(io::ErrorKind::NotFound)?;
    Ok(kill_process(process, Signal::USR1)?)
}

/// For `PowerShell`.
#[cfg(windows)]
fn how_to_ask(process: u32) -> String {
    format!("[Threading.EventWaitHandle]::OpenExisting('qio-task-{process}').Set()")
}

#[cfg(windows)]
fn ask(process: u32) -> io::Result<()> {
    use windows_sys::Win32::{
        Foundation::CloseHandle,
        System::Threading::{EVENT_MODIFY_STATE, OpenEventW, SetEvent},
    };

    let name = format!("qio-task-{process}\0");
    let name: Vec<u16> = name.encode_utf16().collect();
    // SAFETY: the name ends with a zero; the event is open until it is closed here.
    unsafe {
        let event = OpenEventW(EVENT_MODIFY_STATE, 0, name.as_ptr());
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        let is_set = SetEvent(event) != 0;
        CloseHandle(event);
        if is_set {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}
