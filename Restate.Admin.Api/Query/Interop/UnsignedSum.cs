using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// <c>sum</c> over unsigned integers with an unsigned 64-bit result, as the peer has it; DuckDB's own makes a 128-bit one.
/// Registered as further overloads of DuckDB's <c>sum</c>. A sum past 64 bits is an error.
/// </summary>
internal static unsafe class UnsignedSum
{
    internal static void Register(DuckDbConnection connection)
    {
        Register(connection, DuckDbType.UTinyInt, &UpdateByte);
        Register(connection, DuckDbType.USmallInt, &UpdateUInt16);
        Register(connection, DuckDbType.UInteger, &UpdateUInt32);
        Register(connection, DuckDbType.UBigInt, &UpdateUInt64);
    }

    private static void Register(
        DuckDbConnection connection, DuckDbType input, delegate* unmanaged[Cdecl]<nint, nint, nint*, void> update)
    {
        nint function = DuckDbNative.CreateAggregateFunction();
        try
        {
            using var parameter = new DuckDbLogicalType(input);
            using var result = new DuckDbLogicalType(DuckDbType.UBigInt);
            DuckDbNative.AggregateFunctionSetName(function, "sum");
            DuckDbNative.AggregateFunctionAddParameter(function, parameter);
            DuckDbNative.AggregateFunctionSetReturnType(function, result);
            DuckDbNative.AggregateFunctionSetFunctions(function, &StateSize, &Init, update, &Combine, &Finish);
            if (DuckDbNative.RegisterAggregateFunction(connection, function) != 0)
                throw new InvalidOperationException($"DuckDB refused sum({input})");
        }
        finally
        {
            DuckDbNative.DestroyAggregateFunction(ref function);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static ulong StateSize(nint info) => (ulong)sizeof(State);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Init(nint info, nint state) => *(State*)state = default;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateByte(nint info, nint chunk, nint* states) => Update<byte>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateUInt16(nint info, nint chunk, nint* states) => Update<ushort>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateUInt32(nint info, nint chunk, nint* states) => Update<uint>(chunk, states);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void UpdateUInt64(nint info, nint chunk, nint* states) => Update<ulong>(chunk, states);

    private static void Update<T>(nint chunk, nint* states) where T : unmanaged, IBinaryInteger<T>
    {
        int count = (int)DuckDbNative.ChunkGetSize(chunk);
        nint vector = DuckDbNative.ChunkGetVector(chunk, 0);
        var values = (T*)DuckDbNative.VectorGetData(vector);
        ulong* validity = DuckDbNative.VectorGetValidity(vector);
        for (int i = 0; i < count; i++)
        {
            if (validity == null || (validity[i >> 6] & (1UL << (i & 63))) != 0)
                ((State*)states[i])->Add(ulong.CreateTruncating(values[i]), carry: 0);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Combine(nint info, nint* sources, nint* targets, ulong count)
    {
        for (ulong i = 0; i < count; i++)
        {
            State* source = (State*)sources[i];
            if (source->HasValue != 0)
                ((State*)targets[i])->Add(source->Sum, source->Carry);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Finish(nint info, nint* states, nint result, ulong count, ulong offset)
    {
        var values = (ulong*)DuckDbNative.VectorGetData(result);
        for (ulong i = 0; i < count; i++)
        {
            State* state = (State*)states[i];
            ulong row = offset + i;
            if (state->HasValue == 0)
            {
                DuckDbNative.VectorEnsureValidityWritable(result);
                DuckDbNative.VectorGetValidity(result)[row >> 6] &= ~(1UL << (int)(row & 63));
            }
            else if (state->Carry != 0)
            {
                DuckDbNative.AggregateFunctionSetError(info, "the sum does not fit UInt64; cast the argument to DOUBLE");
                return;
            }
            else
            {
                values[row] = state->Sum;
            }
        }
    }

    /// <summary>A sum as two words, so that order does not decide whether an intermediate overflow is seen.</summary>
    private struct State
    {
        internal ulong Sum;
        internal ulong Carry;
        internal ulong HasValue;

        internal void Add(ulong value, ulong carry)
        {
            ulong sum = Sum + value;
            Carry += carry + (sum < value ? 1UL : 0UL);
            Sum = sum;
            HasValue = 1;
        }
    }
}
