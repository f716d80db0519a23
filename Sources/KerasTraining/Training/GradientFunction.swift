import KerasGraph
import KerasLayers
import KerasModels
import Synchronization

/// A loss with its gradients by weights, computed for tensors: for loops of one's own.
///
/// ```swift
/// let model = Sequential { Dense(units: 1) }
/// let differentiate = GradientFunction(by: model.trainableWeights) { step in
///   let error = try step.call(model, step.inputs[0]) - step.inputs[1]
///   return (error * error).mean()
/// }
/// let optimizer = Adam()
/// let (x, y) = (Tensor(zeros: [8, 3]), Tensor(repeating: 1, shape: [8, 1]))
/// for _ in 0..<3 {
///   let (loss, gradients) = try differentiate(x, y)
///   try optimizer.apply(gradients, to: model.trainableWeights)
///   print(loss)
/// }
/// ```
/// The function is recorded once for each shape of its inputs. What layers change themselves in training, such as moving
/// averages, they change here, too. `fit` with a step of one's own is faster: numbers stay where they are computed.
public final class GradientFunction: Sendable {
  private let function: @Sendable (StepContext) throws -> RecordedValue
  private let weights: @Sendable () -> [Variable]
  private let isTraining: Bool
  private let seed: Int64
  private let options: ComputeOptions

  private struct Key: Hashable {
    var inputs: [TensorSpec]
    var weights: [ObjectIdentifier]
  }
  private struct Prepared {
    var states: ResidentStates?
    /// Most recently used last.
    var sessions: [(key: Key, session: StepSession)] = []
  }
  private let prepared = Mutex(Prepared())
  private static let capacity = 8

  /// - Parameters:
  ///   - variables: the weights to differentiate by, asked for at every call: after the first one layers have made theirs.
  ///   - isTraining: whether layers behave as in training.
  ///   - seed: of what is random in layers.
  ///   - function: records the loss: one number; of several, gradients are those of their sum.
  public init(
    by variables: @escaping @autoclosure @Sendable () -> [Variable], isTraining: Bool = true, seed: Int64 = 0,
    options: ComputeOptions = ComputeOptions(purpose: .throughput),
    _ function: @escaping @Sendable (StepContext) throws -> RecordedValue
  ) {
    weights = variables
    self.isTraining = isTraining
    self.seed = seed
    self.options = options
    self.function = function
  }

  /// The loss, and its gradients in the order of the weights.
  ///
  /// - Throws: what the function throws, `notDifferentiable`, and what the backend throws.
  public func callAsFunction(_ inputs: Tensor...) throws(KerasError) -> (loss: Tensor, gradients: [Tensor]) {
    try callAsFunction(inputs)
  }

  /// The same for a list.
  public func callAsFunction(_ inputs: [Tensor]) throws(KerasError) -> (loss: Tensor, gradients: [Tensor]) {
    let results = try session(for: inputs.map(\.spec)).step(inputs)
    return (results[0], Array(results.dropFirst()))
  }

  private func session(for inputs: [TensorSpec]) throws(KerasError) -> StepSession {
    let key = Key(inputs: inputs, weights: weights().map(ObjectIdentifier.init))
    let known = prepared.withLock { prepared -> StepSession? in
      guard let index = prepared.sessions.lastIndex(where: { $0.key == key }) else { return nil }
      let entry = prepared.sessions.remove(at: index)
      prepared.sessions.append(entry)
      return entry.session
    }
    if let known { return known }
    let recorder = StepRecorder(isTraining: isTraining, seed: isTraining ? seed : nil)
    let context = StepContext(
      recorder: recorder, isTraining: isTraining, inputs: inputs.map { recorder.graph[recorder.input($0)] })
    let loss = try wrappingErrors { try function(context) }
    let variables = weights()
    let gradients = try recorder.gradients(of: loss.value, by: variables)
    let step = try recorder.finish(returning: [loss.value] + gradients)
    let backend = try options.chosenBackend()
    let states = prepared.withLock { prepared in
      let states = prepared.states ?? ResidentStates(on: backend)
      prepared.states = states
      return states
    }
    let session = try states.prepare(
      step,
      options: options.program)
    prepared.withLock { prepared in
      if prepared.sessions.count == Self.capacity { prepared.sessions.removeFirst() }
      prepared.sessions.append((Key(inputs: inputs, weights: variables.map(ObjectIdentifier.init)), session))
    }
    return session
  }
}
