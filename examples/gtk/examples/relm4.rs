//! Counts primes in a relm4 component: what becomes of the task, its progress among it,
//! comes as messages.
//!
//! A task's callback runs on the component's thread. So its messages need not be `Send`,
//! unlike the output of relm4's commands, and come in the order in which they were sent.

use gtk::prelude::*;
use qio_task::{Cancelled, Error, Progress, QioTask, Running, Worker};
use relm4::prelude::*;

fn main() {
    RelmApp::new("io.github.qio_task.Primes").run::<Primes>(());
}

/// Up to where primes are counted at first.
const LIMIT: i32 = 1_000_000;

struct Primes {
    /// Primes up to this are counted.
    limit: u32,
    fraction: f64,
    verdict: String,
    /// The task that is under way.
    running: Option<Running>,
}

#[derive(Debug)]
enum Message {
    SetLimit(u32),
    Start,
    Cancel,
    /// How much is done, from 0 to 1.
    Progress(f64),
    /// How the task has ended.
    Ended(Result<usize, Error<Cancelled>>),
}

#[relm4::component]
impl Component for Primes {
    type Init = ();
    type Input = Message;
    type Output = ();
    type CommandOutput = ();

    view! {
        gtk::Window {
            set_title: Some("Primes"),
            set_titlebar: Some(&gtk::HeaderBar::new()),
            set_default_width: 360,

            gtk::Box {
                set_orientation: gtk::Orientation::Vertical,
                set_spacing: 12,
                set_margin_all: 24,

                gtk::Box {
                    set_spacing: 12,

                    gtk::Label {
                        set_label: "Count Primes Up _To",
                        set_use_underline: true,
                        set_mnemonic_widget: Some(&limit),
                    },
                    #[name = "limit"]
                    gtk::SpinButton::with_range(2.0, f64::from(i32::MAX), 1_000_000.0) {
                        set_hexpand: true,
                        set_value: f64::from(LIMIT),
                        connect_value_changed[sender] => move |limit| {
                            let limit = limit.value_as_int().unsigned_abs();
                            sender.input(Message::SetLimit(limit));
                        },
                    },
                },
                gtk::ProgressBar {
                    #[watch]
                    set_fraction: model.fraction,
                },
                gtk::Label {
                    #[watch]
                    set_label: &model.verdict,
                    set_wrap: true,
                },
                gtk::Box {
                    set_spacing: 12,
                    set_homogeneous: true,

                    gtk::Button::with_mnemonic("_Count") {
                        #[watch]
                        set_sensitive: model.running.is_none(),
                        connect_clicked => Message::Start,
                    },
                    gtk::Button::with_mnemonic("C_ancel") {
                        #[watch]
                        set_sensitive: model.running.is_some(),
                        connect_clicked => Message::Cancel,
                    },
                },
            },
        }
    }

    fn init((): (), root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let model = Self {
            limit: LIMIT.unsigned_abs(),
            fraction: 0.0,
            verdict: "Nothing has been counted yet".to_owned(),
            running: None,
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: Message, sender: ComponentSender<Self>, _: &Self::Root) {
        match message {
            Message::SetLimit(limit) => self.limit = limit,
            Message::Start => self.running = Some(start(self.limit, &sender)),
            Message::Cancel => self.cancel(),
            Message::Progress(fraction) => self.fraction = fraction,
            Message::Ended(result) => {
                self.running = None;
                self.verdict = match result {
                    Ok(count) => format!("There are {count} primes up to {}", self.limit),
                    Err(error) => error.to_string(),
                };
            }
        }
    }

    /// The window is closed: nobody waits for the count.
    fn shutdown(&mut self, _: &mut Self::Widgets, _: relm4::Sender<()>) {
        self.cancel();
    }
}

impl Primes {
    fn cancel(&self) {
        if let Some(running) = &self.running {
            running.cancel();
        }
    }
}

/// Counts in a thread, and tells the component.
fn start(limit: u32, component: &ComponentSender<Primes>) -> Running {
    // `ComponentSender::input` would panic once the component is gone.
    let told = component.input_sender().clone();
    let progress = Progress::new(move |fraction| told.emit(Message::Progress(fraction)));
    let told = component.input_sender().clone();
    QioTask::builder()
        .name("primes")
        .progress(&progress)
        .callback(move |result| told.emit(Message::Ended(result)))
        .run_in_thread(move |worker| count(limit, worker, &progress))
}

/// How many numbers are sieved at once.
const BLOCK: u32 = 1 << 18;

/// Sieves block after block: between two it asks whether the count is still wanted.
fn count(limit: u32, worker: &Worker, progress: &Progress<f64>) -> Result<usize, Cancelled> {
    let is_prime = |n: &u32| (2..=n.isqrt()).all(|divisor| !n.is_multiple_of(divisor));
    let divisors: Vec<_> = (2..=limit.isqrt()).filter(is_prime).collect();
    let mut count = 0;
    for first in (2..=limit).step_by(BLOCK as usize) {
        worker.check_cancelled()?;
        let last = limit.min(first + (BLOCK - 1));
        let mut is_prime = vec![true; (last - first + 1) as usize];
        for &divisor in &divisors {
            let multiple = first.next_multiple_of(divisor).max(divisor * divisor);
            for multiple in (multiple..=last).step_by(divisor as usize) {
                is_prime[(multiple - first) as usize] = false;
            }
        }
        count += is_prime.iter().filter(|is_prime| **is_prime).count();
        progress.report(f64::from(last) / f64::from(limit));
    }
    Ok(count)
}
