import Synchronization

/// Counts what Keras counts per session: automatic layer names (`conv2d`, `conv2d_1`, …) and the random
/// streams of initial weights.
///
/// There is one for the whole process; ``withFresh(seed:_:)`` gives a piece of work its own, so that its
/// names start anew.
public final class Session: Sendable {
  private struct State {
    var uses: [String: Int] = [:]
    var nextStream: UInt64 = 0
    var seed: UInt64
    /// nil for what `keras.json` says.
    var imageDataFormat: DataFormat?
    var dataTypePolicy = DataTypePolicy.float32
  }
  private let state: Mutex<State>

  public init(seed: UInt64 = 0) { state = Mutex(State(seed: seed)) }

  @TaskLocal public static var current = Session()

  /// Where channels stand in layers that are not told, as `keras.config.set_image_data_format`; until it is set, what
  /// `image_data_format` in `~/.keras/keras.json` says.
  public var imageDataFormat: DataFormat {
    get {
      Self.scopedFormat ?? state.withLock { $0.imageDataFormat } ?? KerasConfiguration.current.imageDataFormat
    }
    set { state.withLock { $0.imageDataFormat = newValue } }
  }

  @TaskLocal private static var scopedFormat: DataFormat?

  /// Runs `body`, in which layers that are not told have their channels where `format` says.
  public static func withImageDataFormat<Result, Failure: Error>(
    _ format: DataFormat, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outcome = $scopedFormat.withValue(format) {
      Swift.Result<Result, Failure> { () throws(Failure) in try body() }
    }
    return try outcome.get()
  }

  /// The policy of layers that are not told, as `keras.config.set_dtype_policy`: `float32`, or `mixed_bfloat16` for
  /// weights in single precision and computation in half of it.
  public var dataTypePolicy: DataTypePolicy {
    get { Self.scopedPolicy ?? state.withLock { $0.dataTypePolicy } }
    set { state.withLock { $0.dataTypePolicy = newValue } }
  }

  @TaskLocal private static var scopedPolicy: DataTypePolicy?

  /// Runs `body`, in which layers that are not told have this policy.
  public static func withDataTypePolicy<Result, Failure: Error>(
    _ policy: DataTypePolicy, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outcome = $scopedPolicy.withValue(policy) {
      Swift.Result<Result, Failure> { () throws(Failure) in try body() }
    }
    return try outcome.get()
  }

  /// The scopes that layers are called in, as ``withNameScope(_:_:)`` set them: `a/b`.
  @TaskLocal package static var nameScope = ""

  /// Runs `body`, in which the paths of weights begin with `name`, as in `keras.name_scope`; scopes nest.
  public static func withNameScope<Result, Failure: Error>(
    _ name: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outcome = $nameScope.withValue(nameScope.isEmpty ? name : "\(nameScope)/\(name)") {
      Swift.Result<Result, Failure> { () throws(Failure) in try body() }
    }
    return try outcome.get()
  }

  /// Runs `body` with names and random streams that start from the beginning.
  public static func withFresh<Result, Failure: Error>(
    seed: UInt64 = 0, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let session = Session(seed: seed)
    let (format, policy) = current.state.withLock { ($0.imageDataFormat, $0.dataTypePolicy) }
    session.state.withLock { ($0.imageDataFormat, $0.dataTypePolicy) = (format, policy) }
    let outcome = $current.withValue(session) {
      Swift.Result<Result, Failure> { () throws(Failure) in try body() }
    }
    return try outcome.get()
  }

  /// Lets names and random streams start from the beginning, as `keras.utils.clear_session()`.
  public func clear() {
    state.withLock {
      $0 = State(seed: $0.seed, imageDataFormat: $0.imageDataFormat, dataTypePolicy: $0.dataTypePolicy)
    }
  }

  /// Decides the initial weights made from now on, as `keras.utils.set_random_seed`.
  public func setSeed(_ seed: UInt64) {
    state.withLock {
      $0.seed = seed
      $0.nextStream = 0
    }
  }

  /// `conv2d`, then `conv2d_1`, `conv2d_2`, …
  package func uniqueName(_ base: String) -> String {
    state.withLock { state in
      let count = state.uses[base, default: 0]
      state.uses[base] = count + 1
      return count == 0 ? base : "\(base)_\(count)"
    }
  }

  /// A stream of random numbers that nobody else draws from.
  func nextRandomStream() -> RandomStream {
    state.withLock { state in
      defer { state.nextStream += 1 }
      return RandomStream(generator: CounterRandom(seed: state.seed), stream: state.nextStream)
    }
  }
}

/// Keras' name for the first layer of a class: `ReLU` → `re_lu`, `Conv2DTranspose` → `conv2d_transpose`,
/// `GlobalAveragePooling2D` → `global_average_pooling2d`.
package func snakeCase(_ className: String) -> String {
  // A break stands before a capital that follows a small letter or begins a word of small letters.
  let letters = Array(
    className.unicodeScalars.filter { $0 == "_" || ("0"..."9").contains($0) || $0.properties.isAlphabetic })
  var name = ""
  for (index, letter) in letters.enumerated() {
    if ("A"..."Z").contains(letter), index > 0 {
      let startsWord = index + 1 < letters.count && ("a"..."z").contains(letters[index + 1])
      if startsWord || ("a"..."z").contains(letters[index - 1]) { name += "_" }
    }
    name += letter.properties.lowercaseMapping
  }
  return name
}
