// Loaded into server and worker before their own code. When the process that started them is gone (kill -9), the
// channel to it breaks; they then end in order, as on SIGTERM, instead of living on unsupervised.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel alone must not keep a process alive that has nothing left to do.
process.channel?.unref();
