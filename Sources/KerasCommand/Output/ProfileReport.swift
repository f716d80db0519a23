import Keras

/// The times of a program's kernels, the slowest first, for people and programs.
struct ProfileReport: Encodable {
  private let runMilliseconds: Double
  private let otherMilliseconds: Double
  private let notes: [String]
  private let kernels: [Kernel]
  private let totals: [Total]

  private struct Kernel: Encodable {
    let layer: String
    let operation: String
    let kernel: String
    let inputs: [String]
    let outputs: [String]
    let milliseconds: Double
    let share: Double
    /// What it multiplies and adds, two for each product, in billions a second; else what it moves.
    let gigaflops: Double?
    let gigabytes: Double?

    enum CodingKeys: String, CodingKey {
      case layer, operation, kernel, inputs, outputs, share
      case milliseconds = "ms"
      case gigaflops = "gflop_per_s"
      case gigabytes = "gb_per_s"
    }
  }

  private struct Total: Encodable {
    let operation: String
    let kernels: Int
    let milliseconds: Double
    let share: Double

    enum CodingKeys: String, CodingKey {
      case operation, kernels, share
      case milliseconds = "ms"
    }
  }

  enum CodingKeys: String, CodingKey {
    case notes, kernels, totals
    case runMilliseconds = "run_ms"
    case otherMilliseconds = "other_ms"
  }

  /// - Parameter model: the model's name, which stands before those of all its layers.
  init(
    of program: any Program, on inputs: [Tensor], repeats: Int, model: String
  ) throws(KerasError) {
    let profile = try program.profile(inputs, repeats: repeats)
    let whole = profile.seconds
    runMilliseconds = whole * 1000
    otherMilliseconds = profile.otherSeconds * 1000
    // What the plan says before it lists the kernels.
    notes = Array(program.plan.prefix(max(0, program.plan.count - profile.rows.count)))
    kernels = profile.rows.sorted { $0.seconds > $1.seconds }.map { row in
      let step = row.step
      func rate(_ count: Int) -> Double? {
        count > 0 && row.seconds > 0 ? Double(count) / row.seconds / 1e9 : nil
      }
      return Kernel(
        layer: step.layer.hasPrefix(model + "/") ? String(step.layer.dropFirst(model.count + 1)) : step.layer,
        operation: step.operation, kernel: step.kernel, inputs: step.inputs.map(\.description),
        outputs: step.outputs.map(\.description),
        milliseconds: row.seconds * 1000, share: row.seconds / whole,
        gigaflops: rate(2 * step.multiplyAdds * step.runCount),
        gigabytes: step.multiplyAdds > 0 ? nil : rate(step.byteCount * step.runCount))
    }
    totals = profile.totals.map {
      Total(
        operation: $0.operation, kernels: $0.count, milliseconds: $0.seconds * 1000, share: $0.seconds / whole
      )
    }
  }

  func print() {
    var table = TextColumns(
      [.right, .right, .right, .left, .left, .left],
      rows: [["ms", "share", "rate", "layer", "operation", "kernel"]])
    for kernel in kernels {
      let rate =
        kernel.gigaflops.map { "\(fixed($0, 1)) GFLOP/s" } ?? kernel.gigabytes.map { "\(fixed($0, 1)) GB/s" }
      table.rows.append([
        fixed(kernel.milliseconds, 3), percent(kernel.share), rate ?? "-", kernel.layer.escaped,
        kernel.operation,
        kernel.kernel.escaped,
      ])
    }
    var sums = TextColumns(
      [.right, .right, .right, .left], rows: [["ms", "share", "kernels", "operation"]])
    for total in totals {
      sums.rows.append([
        fixed(total.milliseconds, 3), percent(total.share), "\(total.kernels)", total.operation,
      ])
    }
    sums.rows.append([
      fixed(otherMilliseconds, 3), percent(otherMilliseconds / runMilliseconds), "-", "beside the kernels",
    ])
    sums.rows.append([
      fixed(runMilliseconds, 3), percent(1), "\(kernels.count)", "a prediction, clocks included",
    ])
    StandardOutput.print("")
    for note in notes { StandardOutput.print(note.escaped) }
    // One line a kernel, also where the terminal is too narrow for all of it.
    let width = StandardOutput.columns ?? .max
    for line in table.lines {
      StandardOutput.print(line.count > width ? line.prefix(width - 1) + "…" : line)
    }
    StandardOutput.print("")
    sums.print()
  }

  private func percent(_ share: Double) -> String { "\(fixed(share * 100, 1)) %" }
}
