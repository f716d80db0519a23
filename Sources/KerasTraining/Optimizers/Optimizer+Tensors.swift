import KerasGraph
import KerasLayers
import KerasModels

// An optimizer in a loop of one's own.
extension Optimizer {
  /// Changes weights by gradients that are there as numbers; see ``GradientFunction``.
  ///
  /// - Parameter gradients: of the loss itself, one for each of `variables`, in their shapes.
  /// - Throws: `shapeMismatch` where they do not fit, naming the weight; what rules and constraints throw.
  public final func apply(_ gradients: [Tensor], to variables: [Variable]) throws(KerasError) {
    try Self.check(gradients.map(\.spec), variables)
    guard !variables.isEmpty else { return }
    let identifiers = variables.map(ObjectIdentifier.init)
    let known = state.withLock { $0.appliers.first { $0.variables == identifiers }?.session }
    let session: StepSession
    if let known { session = known } else { session = try makeApplier(for: variables) }
    var numbers: [Tensor] = []
    for (gradient, variable) in zip(gradients, variables) {
      numbers.append(gradient.converted(to: variable.dataType))
    }
    try session.step(numbers)
  }

  private func makeApplier(for variables: [Variable]) throws(KerasError) -> StepSession {
    let residence: ResidentStates
    if let known = state.withLock({ $0.residence }) {
      residence = known
    } else {
      residence = ResidentStates(on: try Backends.backend(named: nil))
      reside(in: residence)
    }
    let recorder = StepRecorder(isTraining: true)
    let graph = recorder.graph
    var gradients: [Value] = []
    for variable in variables {
      gradients.append(try scaled(graph[recorder.input(variable.spec)], in: recorder).value)
    }
    try apply(gradients, to: variables, in: recorder)
    let session = try residence.prepare(recorder.finish(returning: []))
    state.withLock { state in
      // The weights of a model, or of a few parts of one.
      if state.appliers.count == 8 { state.appliers.removeFirst() }
      state.appliers.append((variables.map(ObjectIdentifier.init), session))
    }
    return session
  }

  /// Whether there is a gradient of its shape for each weight.
  static func check(_ gradients: [TensorSpec], _ variables: [Variable]) throws(KerasError) {
    try require(
      gradients.count == variables.count, .shapeMismatch,
      "Expected \(variables.count) gradients, one for each weight, found \(gradients.count).")
    for (gradient, variable) in zip(gradients, variables) {
      try require(
        gradient.shape == Shape(variable.shape), .shapeMismatch,
        "Expected a gradient of the weight's shape \(Shape(variable.shape)), found \(gradient.shape).",
        path: [variable.path])
    }
  }
}
