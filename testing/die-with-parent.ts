// Loaded into the programs that tests and benches start, before their own code. When whoever started them is gone, even
// by kill -9, the channel to it breaks, and nothing of them is left behind.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The channel alone must not keep a process alive that has nothing left to do.
process.channel?.unref();
