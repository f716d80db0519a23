import KerasGraph
import Synchronization

/// A tensor that a layer owns and that training or loading may change: a weight.
///
/// Its initial value is computed when first asked for, so that building a model whose weights come from a
/// file costs nothing.
public final class Variable: Sendable {
  /// The last part of its path: `kernel`.
  public let name: String
  /// As Keras spells it: `conv1_conv/kernel`.
  public let path: String
  public let shape: [Int]
  public let dataType: DataType
  /// Whether it was made for training. Decides its place among the weights, which freezing does not change.
  package let isMadeForTraining: Bool
  /// Whether predictions change it, as the state of a recurrent layer that remembers from batch to batch.
  public let isState: Bool
  /// A penalty that training adds to its loss.
  public let regularizer: (any Regularizer)?
  /// What it must fulfil after every step of training.
  public let constraint: (any Constraint)?

  private struct State {
    /// nil before it is first asked for, and while only its residence has the newest one.
    var value: Tensor?
    var residence: Residence?
    var lastAssignment = 0
    var isTrainable: Bool
  }
  /// Where steps find it, and leave its newest value.
  private struct Residence {
    let store: any StateStore
    let position: Int

    func isAt(_ store: any StateStore, _ position: Int) -> Bool {
      self.store === store && self.position == position
    }
  }
  private let state: Mutex<State>
  private let initializer: any Initializer
  private let stream: RandomStream

  package init(
    name: String, path: String, shape: [Int], dataType: DataType = .float32, initializer: any Initializer,
    isTrainable: Bool, isState: Bool = false, regularizer: (any Regularizer)? = nil,
    constraint: (any Constraint)? = nil, stream: RandomStream
  ) {
    self.name = name
    self.path = path
    self.shape = shape
    self.dataType = dataType
    isMadeForTraining = isTrainable
    self.isState = isState
    self.regularizer = regularizer
    self.constraint = constraint
    self.initializer = initializer
    self.stream = stream
    state = Mutex(State(isTrainable: isTrainable))
  }

  /// Whether training could change it; a layer that is not trainable freezes it all the same.
  public var isTrainable: Bool {
    get { state.withLock { $0.isTrainable } }
    set { state.withLock { $0.isTrainable = newValue } }
  }

  /// Asks the initializer whether it can fill this shape.
  func checkInitializer() throws(KerasError) {
    try within(name) { () throws(KerasError) in try wrappingErrors { try initializer.check(shape: shape) } }
  }

  /// The current value. Where a failed step has lost it, nothing but NaN.
  public var value: Tensor { state.withLock { currentValue(&$0) } }

  private func currentValue(_ state: inout State) -> Tensor {
    if let value = state.value { return value }
    let value: Tensor
    if let residence = state.residence {
      value = (try? residence.store.read([residence.position]).first) ?? lostValue
    } else {
      value = initializer.makeTensor(shape: shape, from: stream).converted(to: dataType)
    }
    state.value = value
    return value
  }

  private var lostValue: Tensor {
    Tensor(repeating: Float.nan, shape: shape).converted(to: dataType)
  }

  /// Whether it takes memory yet: a value has been asked for or assigned.
  package var hasValue: Bool { state.withLock { $0.value != nil || $0.residence != nil } }

  /// Lets steps find the value at `position` of a store, where it is written unless it is there already.
  func move(into store: any StateStore, at position: Int) throws(KerasError) {
    try state.withLock { (state) throws(KerasError) in
      guard !(state.residence?.isAt(store, position) ?? false) else { return }
      try store.write([currentValue(&state)], to: [position])
      state.residence = Residence(store: store, position: position)
    }
  }

  /// Says that a step may have changed it there.
  func changed(in store: any StateStore, at position: Int) {
    state.withLock { state in
      // Assigned in the meantime: that is newer.
      guard state.residence?.isAt(store, position) ?? false else { return }
      state.value = nil
      state.lastAssignment = Self.tick()
    }
  }

  /// Replaces the value.
  ///
  /// - Throws: `shapeMismatch` when shape or element type differ.
  public func assign(_ tensor: Tensor) throws(KerasError) {
    try require(
      tensor.shape == shape && tensor.dataType == dataType, .shapeMismatch,
      "Expected \(TensorSpec(shape, dataType)), found \(tensor.spec).", path: [path])
    state.withLock {
      $0.value = tensor
      $0.residence = nil
      $0.lastAssignment = Self.tick()
    }
  }

  /// Ticks with every assignment to any variable and every change of any layer, so that programs know when they
  /// may be stale.
  private static let clock = Atomic<Int>(0)

  static func tick() -> Int { clock.add(1, ordering: .acquiringAndReleasing).newValue }

  package static var now: Int { clock.load(ordering: .acquiring) }

  /// The tick of the latest assignment; 0 before the first.
  package var lastAssignment: Int { state.withLock { $0.lastAssignment } }

  public var elementCount: Int { elementCountOf(shape) }
  public var spec: TensorSpec { TensorSpec(shape, dataType) }
}

extension Variable: CustomStringConvertible {
  /// One line for people: `conv1/kernel: float32(3, 3, 3, 64)`.
  public var description: String { "\(path): \(spec)" + (isTrainable ? "" : ", not trainable") }
}
