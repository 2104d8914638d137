//! `async_channel`, received from by a future on the main context, as glib's documentation has it
//! in place of `MainContext::channel`.

use async_channel::Sender;
use glib::MainContext;

use super::Messages;

pub struct AsyncChannel;

impl Messages for AsyncChannel {
    type Sender = Sender<u64>;

    fn open(bound: usize, mut receive: impl FnMut(u64) + 'static) -> Sender<u64> {
        let (sender, receiver) = async_channel::bounded(bound);
        MainContext::default().spawn_local(async move {
            while let Ok(number) = receiver.recv().await {
                receive(number);
            }
        });
        sender
    }

    fn send(sender: &Sender<u64>, number: u64) {
        sender.send_blocking(number).expect("it is received");
    }
}
