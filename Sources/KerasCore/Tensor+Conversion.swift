extension Tensor {
  /// The same values as another element type; storage is shared when the type is already that.
  ///
  /// Floats to integers truncate towards zero and saturate (a NaN becomes 0); integers to narrower
  /// integers wrap, as in NumPy; to `bool` means "is not zero".
  public func converted(to target: DataType) -> Tensor {
    if target == dataType { return self }
    switch dataType {
    case .bool: return convertIntegers(UInt8.self, to: target) { $0 == 0 ? 0 : 1 }
    case .uint8: return convertIntegers(UInt8.self, to: target) { Int64($0) }
    case .int8: return convertIntegers(Int8.self, to: target) { Int64($0) }
    case .int16: return convertIntegers(Int16.self, to: target) { Int64($0) }
    case .int32: return convertIntegers(Int32.self, to: target) { Int64($0) }
    case .int64: return convertIntegers(Int64.self, to: target) { $0 }
    case .float16: return convertReals(Float16.self, to: target) { Double($0) }
    case .bfloat16: return convertReals(BFloat16.self, to: target) { Double(Float($0)) }
    case .float32: return convertReals(Float.self, to: target) { Double($0) }
    case .float64: return convertReals(Double.self, to: target) { $0 }
    }
  }

  private func convertIntegers<Source>(
    _ source: Source.Type, to target: DataType, _ value: (Source) -> Int64
  ) -> Tensor {
    switch target {
    case .bool: map(source) { value($0) != 0 }
    case .uint8: map(source) { UInt8(truncatingIfNeeded: value($0)) }
    case .int8: map(source) { Int8(truncatingIfNeeded: value($0)) }
    case .int16: map(source) { Int16(truncatingIfNeeded: value($0)) }
    case .int32: map(source) { Int32(truncatingIfNeeded: value($0)) }
    case .int64: map(source) { value($0) }
    case .float16: map(source) { Float16(value($0)) }
    case .bfloat16: map(source) { BFloat16(Float(value($0))) }
    case .float32: map(source) { Float(value($0)) }
    case .float64: map(source) { Double(value($0)) }
    }
  }

  /// Through Double, which holds every narrower float exactly.
  private func convertReals<Source>(
    _ source: Source.Type, to target: DataType, _ value: (Source) -> Double
  ) -> Tensor {
    switch target {
    case .bool: map(source) { value($0) != 0 }
    case .uint8: map(source) { UInt8(saturating: value($0)) }
    case .int8: map(source) { Int8(saturating: value($0)) }
    case .int16: map(source) { Int16(saturating: value($0)) }
    case .int32: map(source) { Int32(saturating: value($0)) }
    case .int64: map(source) { Int64(saturating: value($0)) }
    case .float16: map(source) { Float16(value($0)) }
    case .bfloat16: map(source) { BFloat16(Float(value($0))) }
    case .float32: map(source) { Float(value($0)) }
    case .float64: map(source) { value($0) }
    }
  }

  @inline(__always)
  private func map<Source, Target: TensorScalar>(
    _ source: Source.Type, _ element: (Source) -> Target
  ) -> Tensor {
    withUnsafeBytes { bytes in
      let input = bytes.assumingMemoryBound(to: Source.self)
      return Tensor(uninitialized: shape, Target.self) { output in
        for i in 0..<input.count { output[i] = element(input[i]) }
      }
    }
  }
}

extension FixedWidthInteger {
  fileprivate init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else {
      self = Self(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }
  }
}
