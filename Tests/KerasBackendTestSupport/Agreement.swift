import KerasGraph

/// How far two answers may be apart: `|got − want| ≤ absolute + relative · |want|`.
public struct Tolerance: Sendable, CustomStringConvertible {
  public var absolute: Double
  public var relative: Double

  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  /// For sums of `summands` numbers around 1 in a format with rounding unit `epsilon` (float32's by
  /// default): errors grow at most with their count, and a few more come from what surrounds the sum.
  public static func summing(_ summands: Int, epsilon: Double = 0x1p-23) -> Tolerance {
    let bound = epsilon * Double(8 + summands)
    return Tolerance(absolute: bound, relative: bound)
  }

  public func accepts(_ got: Double, _ want: Double) -> Bool {
    if got.isNaN || want.isNaN { return got.isNaN && want.isNaN }
    return got == want || abs(got - want) <= absolute + relative * abs(want)
  }

  public var description: String { "absolute \(absolute), relative \(relative)" }
}

/// What is different between two lists of tensors, or nil when they agree.
public func difference(between got: [Tensor], and want: [Tensor], tolerance: Tolerance) -> String? {
  guard got.map(\.spec) == want.map(\.spec) else {
    return "Got \(got.map(\.spec)), expected \(want.map(\.spec))."
  }
  for (position, (got, want)) in zip(got, want).enumerated() {
    let pairs = Array(zip(got.scalars(as: Double.self), want.scalars(as: Double.self)))
    let wrong = pairs.indices.filter { !tolerance.accepts(pairs[$0].0, pairs[$0].1) }
    // A NaN is further off than any number.
    let distance = { (i: Int) in abs(pairs[i].0 - pairs[i].1).isNaN ? .infinity : abs(pairs[i].0 - pairs[i].1)
    }
    guard let worst = wrong.max(by: { distance($0) < distance($1) }) else { continue }
    return
      "Output \(position), shape \(got.shape): \(wrong.count) of \(pairs.count) elements differ by more than "
      + "\(tolerance); the worst, number \(worst), is \(pairs[worst].0) and should be \(pairs[worst].1)."
  }
  return nil
}

/// What `backend` and `reference` answer differently to a problem, or nil when they agree.
///
/// - Parameter tolerance: by default, sums of the problem's length, rounded as its outputs are.
public func disagreement(
  of backend: any Backend, with reference: any Backend, on problem: Problem,
  options: ProgramOptions = ProgramOptions(), tolerance: Tolerance? = nil
) throws(KerasError) -> String? {
  let got = try backend.prepare(problem.graph, options: options).run(problem.inputs)
  let want = try reference.prepare(problem.graph, options: ProgramOptions()).run(problem.inputs)
  return difference(between: got, and: want, tolerance: tolerance ?? .summing(problem.summands, epsilon: problem.epsilon))
    .map { "\(backend.name) disagrees with \(reference.name) on \(problem)\n\($0)" }
}
