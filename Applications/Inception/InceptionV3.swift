import KerasModels

/// InceptionV3: blocks of parallel branches, whose larger convolutions are factorized.
///
/// Paper: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2015),
/// https://arxiv.org/abs/1512.00567, Table 1 and Figures 5 to 7. Names follow `keras.applications.inception_v3`, which
/// leaves most to the session's counters, so its weight files load by order.
struct InceptionV3Family: ApplicationFamily {
  private static let unit = ConvolutionUnit(scales: false)

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = Self.stem(image)
    for (block, pooled) in [32, 64, 64].enumerated() {
      x = Self.concatenated(
        [
          Self.branch(x, (64, 1)), Self.branch(x, (48, 1), (64, 5)),
          Self.branch(x, (64, 1), (96, 3), (96, 3)), Self.pooledBranch(x, pooled),
        ], "mixed\(block)")
    }
    x = Self.concatenated(
      [
        Self.convolved(x, 384, 3, stride: 2, padding: .valid),
        Self.convolved(Self.branch(x, (64, 1), (96, 3)), 96, 3, stride: 2, padding: .valid),
        MaxPooling2D(poolSize: 3, strides: 2)(x),
      ], "mixed3")
    for (block, width) in [128, 160, 160, 192].enumerated() {
      x = Self.concatenated(
        [
          Self.branch(x, (192, 1)),
          Self.branch(x, (width, 1), (width, [1, 7]), (192, [7, 1])),
          Self.branch(x, (width, 1), (width, [7, 1]), (width, [1, 7]), (width, [7, 1]), (192, [1, 7])),
          Self.pooledBranch(x, 192),
        ], "mixed\(block + 4)")
    }
    x = Self.concatenated(
      [
        Self.convolved(Self.branch(x, (192, 1)), 320, 3, stride: 2, padding: .valid),
        Self.convolved(
          Self.branch(x, (192, 1), (192, [1, 7]), (192, [7, 1])), 192, 3, stride: 2, padding: .valid),
        MaxPooling2D(poolSize: 3, strides: 2)(x),
      ], "mixed8")
    for block in 0...1 {
      x = Self.concatenated(
        [
          Self.branch(x, (320, 1)), Self.forked(Self.branch(x, (384, 1)), "mixed9_\(block)"),
          Self.forked(Self.branch(x, (448, 1), (384, 3)), nil), Self.pooledBranch(x, 192),
        ], "mixed\(block + 9)")
    }
    return Head.namedOnTop(x, settings)
  }

  /// The beginning, which ``InceptionResNetV2`` shares.
  static func stem(_ image: SymbolicTensor) -> SymbolicTensor {
    var x = convolved(image, 32, 3, stride: 2, padding: .valid)
    x = convolved(x, 32, 3, padding: .valid)
    x = convolved(x, 64, 3)
    x = MaxPooling2D(poolSize: 3, strides: 2)(x)
    x = convolved(x, 80, 1, padding: .valid)
    x = convolved(x, 192, 3, padding: .valid)
    return MaxPooling2D(poolSize: 3, strides: 2)(x)
  }

  /// Convolutions one after the other, given by filters and size.
  static func branch(_ x: SymbolicTensor, _ convolutions: (Int, Size2D)...) -> SymbolicTensor {
    convolutions.reduce(x) { convolved($0, $1.0, $1.1) }
  }

  static func pooledBranch(_ x: SymbolicTensor, _ filters: Int) -> SymbolicTensor {
    convolved(AveragePooling2D(poolSize: 3, strides: 1, padding: .same)(x), filters, 1)
  }

  static func concatenated(_ branches: [SymbolicTensor], _ name: String?) -> SymbolicTensor {
    Concatenate(axis: 3, name: name)(branches)
  }

  static func convolved(
    _ x: SymbolicTensor, _ filters: Int, _ size: Size2D, stride: Int = 1, padding: ConvolutionPadding = .same,
    name: String? = nil
  ) -> SymbolicTensor {
    let names = name.map { ConvolutionUnit.Names($0, suffix: "_bn") } ?? .automatic
    let x = unit(x, filters: filters, size: size, stride: stride, padding: padding, names: names)
    return Activation(.relu, name: name.map { "\($0)_ac" })(x)
  }

  /// A row and a column, beside each other.
  private static func forked(_ x: SymbolicTensor, _ name: String?) -> SymbolicTensor {
    concatenated([branch(x, (384, [1, 3])), branch(x, (384, [3, 1]))], name)
  }
}
