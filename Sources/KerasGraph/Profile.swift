/// A kernel of a prepared program, as a profile lists it.
public struct ProgramStep: Hashable, Sendable {
  /// What it computes, or helps to compute: a layer's name, or the number of a node that has none.
  public let layer: String
  /// What it does: an operation's name, as `convolution`; `depthwiseConvolution` and `groupedConvolution` for those.
  public let operation: String
  /// What was chosen for it, for people: the library's code, or what our own does.
  public let kernel: String
  /// What its node reads and gives.
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// Products that it multiplies and adds up; 0 for what is neither a convolution nor a matrix product.
  public let multiplyAdds: Int
  /// What it reads and writes, each number once, as it is stored.
  public let byteCount: Int
  /// How often a run does it, with these shapes: once for each portion of a batch that threads take through the program.
  public package(set) var runCount = 1

  package init(
    layer: String, operation: String, kernel: String, inputs: [TensorSpec], outputs: [TensorSpec],
    multiplyAdds: Int, byteCount: Int
  ) {
    (self.layer, self.operation, self.kernel) = (layer, operation, kernel)
    (self.inputs, self.outputs) = (inputs, outputs)
    (self.multiplyAdds, self.byteCount) = (multiplyAdds, byteCount)
  }
}

/// How long each kernel of a program takes; ``Program/profile(_:repeats:)`` measures it.
public struct ProgramProfile: Sendable {
  /// A kernel, and the seconds it took in the middle of all runs. Where threads take rows of a batch through the whole
  /// program side by side, that is what it adds to a run: what all of them spent in it, divided by their number.
  public struct Row: Hashable, Sendable {
    public let step: ProgramStep
    public let seconds: Double
  }

  /// The kernels in the order of the program.
  public let rows: [Row]
  /// A whole run with the clock around its kernels, in the middle of all runs.
  public let seconds: Double

  /// What a run does beside its kernels: handing in and out, and waiting for the last thread.
  public var otherSeconds: Double { max(0, seconds - rows.reduce(0) { $0 + $1.seconds }) }

  /// The kernels' times added up by ``ProgramStep/operation``, largest first.
  public var totals: [(operation: String, count: Int, seconds: Double)] {
    var sums: [String: (count: Int, seconds: Double)] = [:]
    for row in rows {
      let sum = sums[row.step.operation] ?? (0, 0)
      sums[row.step.operation] = (sum.count + 1, sum.seconds + row.seconds)
    }
    return sums.map { ($0.key, $0.value.count, $0.value.seconds) }
      .sorted { ($1.2, $0.0) < ($0.2, $1.0) }
  }
}

extension Program {
  /// Runs `repeats` times on `inputs` with a clock around each kernel, after one run that is not counted.
  ///
  /// ```swift
  /// let program = try model.program(for: [[1, 224, 224, 3]])
  /// for row in try program.profile([images], repeats: 30).rows { print(row.step.layer, row.seconds) }
  /// ```
  ///
  /// - Throws: `invalidArgument` for no repeats; `unsupported` for a program of a backend that does not measure;
  ///   what ``run(_:)`` throws.
  public func profile(_ inputs: [Tensor], repeats: Int) throws(KerasError) -> ProgramProfile {
    guard repeats > 0 else {
      throw KerasError(.invalidArgument, "A profile needs at least one run, found \(repeats).")
    }
    _ = try run(inputs)
    var (wholes, times): ([Double], [[Double]]) = ([], [])
    for _ in 0..<repeats {
      let start = ContinuousClock.now
      times.append(try timedRun(inputs).seconds)
      wholes.append(start.duration(to: .now).inSeconds)
    }
    let rows = steps.enumerated().map { index, step in
      ProgramProfile.Row(step: step, seconds: median(times.map { $0[index] }))
    }
    return ProgramProfile(rows: rows, seconds: median(wholes))
  }
}

/// The middle of some numbers, of which there is at least one.
package func median(_ numbers: [Double]) -> Double {
  let sorted = numbers.sorted()
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

extension Graph {
  /// What a profile calls a node's operation. Depthwise and grouped convolutions are other kernels than the rest.
  package func kind(of node: Node) -> String {
    guard case .convolution(let convolution) = node.operation, convolution.groups > 1 else {
      return node.operation.name
    }
    let kernel = shape(of: node.inputs[1])
    return kernel[kernel.rank - 2] == 1 ? "depthwiseConvolution" : "groupedConvolution"
  }
}
