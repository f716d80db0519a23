import KerasCore

/// Makes the first value of a weight.
///
/// Random ones draw numbers by position from a ``RandomStream``, so that a seed and a shape decide every element,
/// whatever the machine. The numbers are not NumPy's or TensorFlow's; their distribution is.
public protocol Initializer: Serializable {
  /// Whether the initializer can fill a weight of this shape. Layers ask before they make one.
  ///
  /// - Throws: `shapeMismatch`
  func check(shape: [Int]) throws

  /// The value of a weight whose shape has passed ``check(shape:)``, as float32.
  ///
  /// - Parameter stream: for initializers without a seed of their own.
  func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor
}

extension Initializer {
  public func check(shape: [Int]) throws(KerasError) {}

  /// As Keras writes it into configurations.
  public var json: JSON { serialized(module: "keras.initializers", isKnown: Initializers.isKeras(className)) }
}

/// The initializers that names in files stand for.
///
/// ```swift
/// Initializers.registry.register("my_package>Checkerboard") { configuration in
///   Checkerboard(width: try configuration.integer("width", default: 2))
/// }
/// ```
public enum Initializers {
  public static let registry = ClassRegistry<any Initializer>(
    "initializer",
    [
      "Zeros": { _ throws(KerasError) -> any Initializer in Zeros() },
      "Ones": { _ throws(KerasError) -> any Initializer in Ones() },
      "Constant": { c throws(KerasError) -> any Initializer in try ConstantInitializer(c) },
      "Identity": { c throws(KerasError) -> any Initializer in try IdentityInitializer(c) },
      "RandomNormal": { c throws(KerasError) -> any Initializer in try RandomNormal(c) },
      "RandomUniform": { c throws(KerasError) -> any Initializer in try RandomUniform(c) },
      "TruncatedNormal": { c throws(KerasError) -> any Initializer in try TruncatedNormal(c) },
      "VarianceScaling": { c throws(KerasError) -> any Initializer in try VarianceScaling(c) },
      "GlorotUniform": { c throws(KerasError) -> any Initializer in try VarianceScaling(.glorotUniform, c) },
      "GlorotNormal": { c throws(KerasError) -> any Initializer in try VarianceScaling(.glorotNormal, c) },
      "HeUniform": { c throws(KerasError) -> any Initializer in try VarianceScaling(.heUniform, c) },
      "HeNormal": { c throws(KerasError) -> any Initializer in try VarianceScaling(.heNormal, c) },
      "LecunUniform": { c throws(KerasError) -> any Initializer in try VarianceScaling(.lecunUniform, c) },
      "LecunNormal": { c throws(KerasError) -> any Initializer in try VarianceScaling(.lecunNormal, c) },
      "Orthogonal": { c throws(KerasError) -> any Initializer in try OrthogonalInitializer(c) },
      "STFT": { c throws(KerasError) -> any Initializer in try STFTInitializer(c) },
    ],
    aliases: [
      "zeros": "Zeros", "zero": "Zeros", "ones": "Ones", "one": "Ones", "constant": "Constant",
      "identity": "Identity", "IdentityInitializer": "Identity", "random_normal": "RandomNormal",
      "normal": "RandomNormal", "random_uniform": "RandomUniform", "uniform": "RandomUniform",
      "truncated_normal": "TruncatedNormal", "variance_scaling": "VarianceScaling",
      "glorot_uniform": "GlorotUniform", "glorot_normal": "GlorotNormal", "he_uniform": "HeUniform",
      "he_normal": "HeNormal", "lecun_uniform": "LecunUniform", "lecun_normal": "LecunNormal",
      "orthogonal": "Orthogonal", "OrthogonalInitializer": "Orthogonal", "stft": "STFT",
      "STFTInitializer": "STFT",
    ])

  /// Whether Keras itself has a class of this name.
  static func isKeras(_ className: String) -> Bool { ownNames.contains(className) }

  private static let ownNames: Set<String> = [
    "Zeros", "Ones", "Constant", "Identity", "RandomNormal", "RandomUniform", "TruncatedNormal",
    "VarianceScaling",
    "GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal", "Orthogonal",
    "STFT",
  ]

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError)
    -> any Initializer
  {
    try registry.make(SerializedObject(function: json), version: version)
  }
}

extension Configuration {
  public func initializer(_ key: String) throws(KerasError) -> (any Initializer)? {
    guard let json = value(key) else { return nil }
    return try place(key) { () throws(KerasError) in try Initializers.make(json, version: version) }
  }

  /// An initializer; null is the default.
  public func initializer(
    _ key: String, default standard: any Initializer
  ) throws(KerasError) -> any Initializer {
    try initializer(key) ?? standard
  }
}
