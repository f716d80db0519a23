import KerasGraph
import KerasLayers
import Synchronization

/// The rule by which gradients change weights, written once in graph operations, with the numbers it keeps of each.
///
/// ```swift
/// final class SignDescent: Optimizer, @unchecked Sendable {
///   init(learningRate: LearningRate = 1e-3) { super.init(name: "sign_descent", learningRate: learningRate) }
///   override func update(_ weight: WeightUpdate) {
///     weight.value = weight.value - weight.gradient.applying(.sign) * weight.learningRate
///   }
/// }
/// Optimizers.registry.register("SignDescent") { _ in SignDescent() }
/// ```
/// What goes before and after is the same for all, and in Keras 3's order: gradients divided by the loss' scale, added up
/// over several steps, clipped; weights decayed, updated, averaged, constrained.
///
/// An optimizer's numbers stay where steps are computed. It works for one model at a time.
open class Optimizer: Serializable, @unchecked Sendable {
  @Setting("name") public private(set) final var name: String
  @Setting("learning_rate", .finite) final var rate: LearningRate
  @Setting("weight_decay") public private(set) final var weightDecay: Double?
  @Setting("clipnorm", .fromZero) final var normClip: Double?
  @Setting("global_clipnorm", .fromZero) final var globalNormClip: Double?
  @Setting("clipvalue", .fromZero) final var valueClip: Double?
  /// Whether moving averages of the weights are kept, which take their place when `fit` is over.
  @Setting("use_ema") public private(set) final var averagesWeights: Bool
  @Setting("ema_momentum", .share) public private(set) final var averageMomentum: Double
  /// After how many steps weights are replaced by their averages; nil for never while training goes on.
  @Setting("ema_overwrite_frequency", .from(1)) public private(set) final var averageInterval: Int?
  /// What the loss is multiplied by before it is differentiated, and gradients divided by.
  @Setting("loss_scale_factor") public internal(set) final var lossScale: Double?
  /// Over how many steps gradients are averaged before weights change.
  @Setting("gradient_accumulation_steps", .from(2)) public private(set) final var accumulationSteps: Int?

  package struct State: Sendable {
    /// The weights it is for, in order.
    var variables: [Variable] = []
    /// Where its numbers live.
    var residence: ResidentStates?
    /// What a file says its numbers are, by key, until a step has begun with them.
    var loaded: [String: Tensor] = [:]
    /// Whose weights do not decay.
    var excluded: [Variable] = []
    var excludedNames: [String] = []
    /// Steps on tensors, by the weights they are for.
    var appliers: [(variables: [ObjectIdentifier], session: StepSession)] = []
  }
  package final let state = Mutex(State())

  public init(name: String, learningRate: LearningRate, options: OptimizerOptions = OptimizerOptions()) {
    self.name = options.name ?? name
    rate = learningRate
    weightDecay = options.weightDecay
    (normClip, globalNormClip, valueClip) = (nil, nil, nil)
    switch options.clipping {
    case nil: break
    case .norm(let norm): normClip = norm
    case .globalNorm(let norm): globalNormClip = norm
    case .value(let value): valueClip = value
    }
    averagesWeights = options.averaging != nil
    averageMomentum = options.averaging?.momentum ?? 0.99
    averageInterval = options.averaging?.interval
    lossScale = options.lossScale
    accumulationSteps = options.accumulationSteps
  }

  open var className: String { "\(Self.self)" }
  open var config: JSONObject { declaredConfig }

  /// What is kept of each weight, in groups: a file has the first group of all weights, then the next.
  open func slots(for weight: Variable) -> [[OptimizerSlot]] { [] }

  /// What is kept once for all weights, behind those of weights.
  open var sharedSlots: [OptimizerSlot] { [] }

  /// Records what a step does to the shared slots, before it changes weights.
  open func updateShared(_ step: OptimizerStep) throws {}

  /// Records what a step does to one weight and its slots.
  open func update(_ weight: WeightUpdate) throws {
    throw KerasError(
      .unsupported, "The optimizer \(className) does not say what it does.", remedy: "override update(_:).")
  }

  /// How much of a weight is lost in each step, in parts of the learning rate; nil for nothing.
  open func decay(of weight: Variable) -> Double? { weightDecay }

  /// Whether its settings, and those of its schedule and parts, are what they may be.
  final func check() throws(KerasError) {
    try checkSettings()
    let clips = [normClip, globalNormClip, valueClip].compactMap { $0 }
    try require(
      clips.count <= 1, .invalidArgument,
      "Only one of clipnorm, global_clipnorm and clipvalue can be set, found \(clips.count).")
    if case .schedule(let schedule) = rate { try schedule.checkSettings() }
    for part in parts { try part.check() }
  }

  /// As Keras writes it into configurations.
  public final var json: JSON { Optimizers.registry.json(of: self) }

  // MARK: Optimizers made of others

  /// Those it hands weights on to.
  var parts: [Optimizer] { [] }

  /// The weights that a part gets.
  func share(of variables: [Variable], for part: Optimizer) -> [Variable] { variables }

  /// The one whose learning rate and count of steps are its own.
  var primary: Optimizer { self }

  /// Records one step.
  ///
  /// - Parameter condition: whether the step changes anything; nil for yes.
  func record(
    _ gradients: [Value], _ variables: [Variable], in recorder: StepRecorder, when condition: RecordedValue?
  ) throws {
    try recordStep(gradients, variables, in: recorder, when: condition)
  }

  /// What the loss is multiplied by before it is differentiated; nil for nothing.
  func lossFactor(in recorder: StepRecorder) -> RecordedValue? { lossScale.map { recorder.graph.number($0) } }
}

/// What optimizers have in common.
public struct OptimizerOptions: Sendable {
  /// How much of a weight is lost in each step, in parts of the learning rate.
  public var weightDecay: Double?
  public var clipping: Clipping?
  public var averaging: Averaging?
  /// See ``Optimizer/lossScale``.
  public var lossScale: Double?
  /// See ``Optimizer/accumulationSteps``.
  public var accumulationSteps: Int?
  /// nil for the class' own.
  public var name: String?

  public enum Clipping: Hashable, Sendable {
    /// Every gradient's norm.
    case norm(Double)
    /// The norm of all gradients together.
    case globalNorm(Double)
    /// Every number.
    case value(Double)
  }

  /// Moving averages of the weights.
  public struct Averaging: Hashable, Sendable {
    public var momentum: Double
    /// After how many steps weights are replaced by their averages; nil for never while training goes on.
    public var interval: Int?

    public init(momentum: Double = 0.99, interval: Int? = nil) {
      self.momentum = momentum
      self.interval = interval
    }
  }

  public init(
    weightDecay: Double? = nil, clipping: Clipping? = nil, averaging: Averaging? = nil,
    lossScale: Double? = nil, accumulationSteps: Int? = nil, name: String? = nil
  ) {
    self.weightDecay = weightDecay
    self.clipping = clipping
    self.averaging = averaging
    self.lossScale = lossScale
    self.accumulationSteps = accumulationSteps
    self.name = name
  }
}

/// Numbers that an optimizer keeps from step to step.
public struct OptimizerSlot: Sendable {
  /// As Keras calls it: `momentum`.
  public var name: String
  public var initial: Initial
  /// nil for the weight's.
  public var shape: [Int]?
  /// nil for the weight's.
  public var dataType: DataType?

  public enum Initial: Sendable {
    case constant(Double)
    /// The weight as it is when training begins.
    case weight
  }

  public init(
    _ name: String, _ initial: Initial = .constant(0), shape: [Int]? = nil, dataType: DataType? = nil
  ) {
    self.name = name
    self.initial = initial
    self.shape = shape
    self.dataType = dataType
  }
}
