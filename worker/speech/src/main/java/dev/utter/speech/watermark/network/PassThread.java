package dev.utter.speech.watermark.network;

import dev.utter.speech.Futures;
import dev.utter.speech.torch.DeviceLoss;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The thread that all passes of the process make their steps on, in the order of {@link PassQueue}.
 * NNPACK and the CPU operators keep a work area for every thread that ever convolved.
 *
 * <p>Threading: safe.
 */
final class PassThread {
  private final PassQueue<Ticket<?>> queue = new PassQueue<>();
  private boolean started;

  /** A pass and the future of its caller. */
  private record Ticket<T>(Pass<T> pass, CompletableFuture<T> future) implements Pass<T> {
    @Override
    public long bytes() {
      return pass.bytes();
    }

    @Override
    public int stepsLeft() {
      return pass.stepsLeft();
    }

    @Override
    public void step() {
      pass.step();
    }

    @Override
    public boolean isDone() {
      return pass.isDone();
    }

    @Override
    public T result() {
      return pass.result();
    }

    @Override
    public void close() {
      pass.close();
    }

    void complete() {
      future.complete(pass.result());
    }
  }

  /** Raises how much memory passes may hold; see {@link PassQueue#allow}. */
  synchronized void allow(long bytes) {
    queue.allow(bytes);
  }

  /**
   * Runs a pass and waits for it. An exception of the pass is thrown as it is.
   *
   * @param check whether it looks at a clip that is marked
   */
  <T> T run(Pass<T> pass, PassPriority priority, boolean check) {
    Ticket<T> ticket = new Ticket<>(pass, new CompletableFuture<>());
    synchronized (this) {
      if (!started) {
        Thread thread = new Thread(this::work, "watermark");
        thread.setDaemon(true);
        thread.start();
        started = true;
      }
      queue.add(ticket, priority, check);
      notifyAll();
    }
    return Futures.join(ticket.future());
  }

  private void work() {
    while (true) {
      step(take());
    }
  }

  private synchronized Ticket<?> take() {
    Optional<Ticket<?>> next = queue.next();
    while (next.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Ignored: only this class knows the thread, which ends with the process.
      }
      next = queue.next();
    }
    return next.get();
  }

  private void step(Ticket<?> ticket) {
    try {
      DeviceLoss.watch(
          () -> {
            ticket.step();
            return ticket;
          });
    } catch (RuntimeException | Error e) {
      end(ticket);
      ticket.future().completeExceptionally(e);
      return;
    }
    if (ticket.isDone()) {
      end(ticket);
      ticket.complete();
    }
  }

  private void end(Ticket<?> ticket) {
    ticket.close();
    synchronized (this) {
      queue.ended(ticket);
    }
  }
}
