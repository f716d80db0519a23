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
  public var json: JSON { Initializers.registry.json(of: self) }
}

/// The initializers that names in files stand for.
///
/// ```swift
/// Initializers.registry.register("my_package>Checkerboard") { _ in Checkerboard() }
/// ```
/// Where its arguments are ``Setting``s, a file's replace them.
public enum Initializers {
  public static let registry = ClassRegistry<any Initializer>(
    "initializer",
    of: [
      { Zeros() }, { Ones() }, { ConstantInitializer() }, { IdentityInitializer() }, { RandomNormal() },
      { RandomUniform() }, { TruncatedNormal() }, { VarianceScaling() }, { OrthogonalInitializer() },
      { STFTInitializer() },
    ] + VarianceScaling.kinds.map { kind in { @Sendable in kind.seeded(nil) } },
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

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError)
    -> any Initializer
  {
    try registry.make(json, version: version)
  }
}
